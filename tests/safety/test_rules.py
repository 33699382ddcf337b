"""What a pharmacist would say about a regimen, and what must hold for every one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galen.safety.knowledge import Files, Imported, RuleKind, Severity, built_in, compile_knowledge
from galen.safety.rules import (
    CheckResult,
    Circumstances,
    RecordedAllergy,
    RegimenDrug,
    RuleAlert,
    Tier,
    check,
    says_weekly,
)

KNOWLEDGE = built_in()
ASKED = Circumstances(allergies=())


def drug(name: str, *ingredients: str, route: str = "oral", weekly: bool | None = None) -> RegimenDrug:
    return RegimenDrug(name, ingredients or (name,), route=route, weekly=weekly)


def report(*names: str | RegimenDrug, allergies: Sequence[str | RecordedAllergy] = ()) -> CheckResult:
    recorded = tuple(RecordedAllergy(allergy) if isinstance(allergy, str) else allergy for allergy in allergies)
    return check(
        [drug(medicine) if isinstance(medicine, str) else medicine for medicine in names],
        Circumstances(recorded),
        KNOWLEDGE,
    )


def said(found: CheckResult) -> set[tuple[str, Severity]]:
    return {(alert.rule, alert.severity) for alert in found.alerts}


def worst(found: CheckResult) -> Severity | None:
    return found.alerts[0].severity if found.alerts else None


@pytest.mark.parametrize(
    "a, b, severity",
    [
        ("warfarin", "ibuprofen", "major"),
        ("warfarin", "fluconazole", "major"),
        ("warfarin", "metronidazole", "major"),
        ("warfarin", "aspirin", "major"),
        ("apixaban", "itraconazole", "major"),
        ("apixaban", "rifampicin", "major"),
        ("sildenafil", "glyceryl trinitrate", "contraindicated"),
        ("tadalafil", "riociguat", "contraindicated"),
        ("phenelzine", "fluoxetine", "contraindicated"),
        ("venlafaxine", "tranylcypromine", "contraindicated"),
        ("sertraline", "linezolid", "major"),
        ("amitriptyline", "moclobemide", "contraindicated"),
        ("pethidine", "phenelzine", "contraindicated"),
        ("methylphenidate", "selegiline", "contraindicated"),
        ("atazanavir", "omeprazole", "major"),
        ("febuxostat", "azathioprine", "contraindicated"),
        ("allopurinol", "mercaptopurine", "major"),
        ("irinotecan", "ketoconazole", "contraindicated"),
        ("haloperidol", "ondansetron", "major"),
        ("ramelteon", "fluvoxamine", "contraindicated"),
        ("darunavir", "rifampicin", "contraindicated"),
        ("simvastatin", "clarithromycin", "contraindicated"),
        ("ergotamine", "sumatriptan", "contraindicated"),
        ("tizanidine", "ciprofloxacin", "contraindicated"),
        ("tranylcypromine", "procarbazine", "contraindicated"),
        ("sumatriptan", "moclobemide", "contraindicated"),
        ("digoxin", "verapamil", "major"),
        ("lithium", "perindopril", "major"),
        ("methotrexate", "trimethoprim", "major"),
        ("ramipril", "spironolactone", "major"),
        ("clopidogrel", "omeprazole", "major"),
        ("oxycodone", "diazepam", "major"),
        ("theophylline", "ciprofloxacin", "major"),
        ("colchicine", "clarithromycin", "major"),
        ("ethinylestradiol", "carbamazepine", "major"),
        ("valproic acid", "meropenem", "major"),
        ("tamoxifen", "paroxetine", "major"),
        ("isotretinoin", "doxycycline", "contraindicated"),
        ("levothyroxine", "calcium carbonate", "moderate"),
        ("ciprofloxacin", "ferrous sulfate", "moderate"),
        ("atenolol", "verapamil", "major"),
        ("perindopril", "sacubitril", "contraindicated"),
        ("simvastatin", "amlodipine", "moderate"),
        ("warfarin", "paracetamol", "minor"),
    ],
)
def test_well_known_interactions_are_found(a: str, b: str, severity: str) -> None:
    found = [
        alert
        for alert in report(drug(a, weekly=True), drug(b, weekly=True)).alerts
        if alert.kind is RuleKind.INTERACTION
    ]
    assert found and found[0].severity == severity
    assert {medicine.name for medicine in found[0].subjects} == {a, b} == set(found[0].ingredients)
    assert found[0].effect and found[0].management and found[0].source and found[0].knowledge == KNOWLEDGE.version


@pytest.mark.parametrize(
    "names",
    [
        ("amoxicillin", "paracetamol"),
        ("metformin", "atorvastatin"),
        ("rosuvastatin", "clarithromycin"),
        ("amlodipine", "perindopril"),
        ("clopidogrel", "pantoprazole"),
        ("salbutamol", "fluticasone propionate", "salmeterol"),
        ("insulin glargine", "insulin aspart"),
    ],
)
def test_ordinary_combinations_are_quiet(names: tuple[str, ...]) -> None:
    assert report(*names).alerts == ()


def test_a_warning_offers_what_may_be_taken_instead() -> None:
    assert report("warfarin", "ibuprofen").alerts[0].alternatives == ("paracetamol",)
    assert report("warfarin", "ibuprofen", allergies=["paracetamol"]).alerts[0].alternatives == ()
    taken = [alert for alert in report("warfarin", "ibuprofen", "paracetamol").alerts if alert.rule == "warfarin-nsaid"]
    assert [alert.alternatives for alert in taken] == [()]


def test_three_medicines_together_injure_the_kidney() -> None:
    found = report("perindopril", "furosemide", "naproxen")
    triple = [alert for alert in found.alerts if alert.rule == "triple-whammy"]
    assert [[medicine.name for medicine in alert.subjects] for alert in triple] == [
        ["furosemide", "naproxen", "perindopril"]
    ]
    both = report(drug("Coversyl Plus", "perindopril", "indapamide"), "naproxen")
    assert "triple-whammy" in {alert.rule for alert in both.alerts}
    assert "triple-whammy" not in {alert.rule for alert in report("perindopril", "furosemide").alerts}


def test_a_group_of_three_is_not_told_when_two_of_them_suffice() -> None:
    found = report(drug("Coversyl Plus", "perindopril", "indapamide"), "furosemide", "naproxen")
    triple = [alert for alert in found.alerts if alert.rule == "triple-whammy"]
    assert [[medicine.name for medicine in alert.subjects] for alert in triple] == [["Coversyl Plus", "naproxen"]]


def test_the_same_medicine_twice_does_not_interact_with_itself() -> None:
    assert said(report("haloperidol", "haloperidol")) == {("same-medicine", Severity.MAJOR)}


def test_the_parts_of_one_product_do_not_warn_about_each_other() -> None:
    assert report(drug("Kombi", "paracetamol", "codeine")).alerts == ()


@pytest.mark.parametrize(
    "allergy, medicine, severity",
    [
        ("penicillin", "amoxicillin", "contraindicated"),
        ("Amoxycillin", "flucloxacillin", "contraindicated"),
        ("Augmentin", "piperacillin", "contraindicated"),
        ("penicillin", "cefalexin", "moderate"),
        ("penicillin", "cefazolin", None),
        ("penicillin", "ceftriaxone", None),
        ("penicillin", "meropenem", "minor"),
        ("penicillin", "aztreonam", None),
        ("ceftazidime", "aztreonam", "major"),
        ("sulfa", "sulfamethoxazole", "contraindicated"),
        ("sulfonamides", "sulfasalazine", "contraindicated"),
        ("sulfamethoxazole", "furosemide", None),
        ("sulfa", "hydrochlorothiazide", None),
        ("sulfa", "celecoxib", None),
        ("aspirin", "ibuprofen", "contraindicated"),
        ("NSAIDs", "naproxen", "contraindicated"),
        ("ibuprofen", "naproxen", "contraindicated"),
        ("ibuprofen", "diclofenac", "major"),
        ("aspirin", "celecoxib", "minor"),
        ("aspirin", "paracetamol", None),
        ("morphine", "oxycodone", "major"),
        ("morphine", "fentanyl", None),
        ("perindopril", "sacubitril", "contraindicated"),
        ("carbamazepine", "phenytoin", "major"),
        ("procaine", "lidocaine", None),
        ("eggs", "propofol", "minor"),
        ("peanut", "progesterone", "contraindicated"),
    ],
)
def test_allergies_reach_as_far_as_the_evidence(allergy: str, medicine: str, severity: str | None) -> None:
    found = report(medicine, allergies=[allergy])
    assert worst(found) == severity
    assert all(alert.kind is RuleKind.ALLERGY and alert.allergy == allergy for alert in found.alerts)


def test_an_intolerance_shows_and_does_not_interrupt() -> None:
    found = report("codeine", allergies=[RecordedAllergy("codeine", intolerance=True)])
    assert [(alert.severity, alert.tier) for alert in found.alerts] == [(Severity.MODERATE, Tier.SHOWS)]


def test_an_allergy_that_nobody_understands_is_reported_and_never_dropped() -> None:
    found = report("amoxicillin", allergies=["blue tablets", "Strange plaster"])
    assert found.unchecked_allergies == ("Strange plaster", "blue tablets")
    assert found.alerts == () and not found.complete


def test_known_words_inside_free_text_warn_and_the_rest_stays_unchecked() -> None:
    found = report("amoxicillin", allergies=["penicillin and bee venom, as a child"])
    assert worst(found) is Severity.CONTRAINDICATED
    assert found.unchecked_allergies == ("penicillin and bee venom, as a child",)


def test_an_allergy_with_hidden_excipients_is_never_called_complete() -> None:
    assert report("amoxicillin", allergies=["peanuts"]).unchecked_allergies == ("peanuts",)


def test_unknown_never_looks_safe() -> None:
    found = report(
        "warfarin", "zorbamycin", drug("Herbal mix", "paracetamol", "moonroot"), drug("Mystery", "penicillin")
    )
    assert found.unknown == ("Herbal mix", "Mystery", "zorbamycin")
    assert found.coverage == (1, 4) and not found.complete
    assert said(found) == {("warfarin-paracetamol", Severity.MINOR)}


def test_a_medicine_without_ingredients_is_unknown() -> None:
    assert check([RegimenDrug("Empty", ())], ASKED, KNOWLEDGE).unknown == ("Empty",)


def test_not_asked_about_allergies_is_not_the_same_as_none() -> None:
    assert not check([drug("amoxicillin")], Circumstances(), KNOWLEDGE).complete
    assert check([drug("amoxicillin")], ASKED, KNOWLEDGE).complete


@pytest.mark.parametrize(
    "name, meaning",
    [
        ("Panadol", "paracetamol"),
        ("ACETAMINOPHEN", "paracetamol"),
        ("frusemide", "furosemide"),
        ("Xarelto", "rivaroxaban"),
    ],
)
def test_names_of_every_country_and_brand_are_understood(name: str, meaning: str) -> None:
    assert KNOWLEDGE.ingredients(name) == {meaning}


@pytest.mark.parametrize(
    "a, b, expected",
    [
        ("ibuprofen", "ibuprofen", ("same-medicine", Severity.MAJOR)),
        ("levothyroxine", "levothyroxine", ("two-strengths", Severity.MODERATE)),
        ("morphine", "morphine", ("background-and-breakthrough", Severity.MODERATE)),
        ("ibuprofen", "naproxen", ("two-nsaids", Severity.MAJOR)),
        ("atorvastatin", "rosuvastatin", ("two-statins", Severity.MAJOR)),
        ("perindopril", "ramipril", ("two-ace-inhibitors", Severity.MAJOR)),
        ("omeprazole", "pantoprazole", ("two-ppis", Severity.MODERATE)),
        ("apixaban", "warfarin", ("two-anticoagulants", Severity.MAJOR)),
    ],
)
def test_the_same_therapy_twice_is_noticed(a: str, b: str, expected: tuple[str, Severity]) -> None:
    found = [alert for alert in report(a, b).alerts if alert.kind is RuleKind.DUPLICATE]
    assert [(alert.rule, alert.severity) for alert in found] == [expected]


def test_a_duplicate_hidden_in_a_combination_is_noticed() -> None:
    found = report(drug("Panadeine Forte", "paracetamol", "codeine"), drug("Panadol", "acetaminophen"))
    assert said(found) == {("same-medicine", Severity.MAJOR)}


def test_medicines_on_the_skin_are_listed_and_do_not_interrupt() -> None:
    gel = drug("Voltaren Emulgel", "diclofenac", route="topical")
    assert [(alert.severity, alert.tier) for alert in report("warfarin", gel).alerts] == [(Severity.MAJOR, Tier.LISTED)]
    drops = drug("Timoptol", "timolol", route="ophthalmic")
    assert [alert.tier for alert in report("verapamil", drops).alerts] == [Tier.INTERRUPTS]


@pytest.mark.parametrize(
    "weekly, expected",
    [
        (True, set()),
        (False, {("methotrexate-not-weekly", Severity.CONTRAINDICATED)}),
        (None, {("methotrexate-unclear", Severity.MAJOR)}),
    ],
)
def test_methotrexate_is_taken_once_a_week(weekly: bool | None, expected: set[tuple[str, Severity]]) -> None:
    assert said(report(drug("methotrexate", weekly=weekly))) == expected
    assert said(report(drug("methotrexate", route="subcutaneous", weekly=weekly))) == set()


@pytest.mark.parametrize(
    "directions, weekly",
    [
        ("Take 4 tablets once a week on Mondays", True),
        ("10 mg weekly", True),
        ("Take 1 tablet every Friday", True),
        ("Take one tablet daily", False),
        ("1 tablet twice a week", False),
        ("1 nocte", False),
        ("1 tablet Monday, Wednesday and Friday", False),
        ("one tablet each day for a week", False),
        ("2x weekly", False),
        ("10 mg twice weekly", False),
        ("one tablet every morning for a week", False),
        ("one tablet in the morning for a week", None),
        ("4 tablets per week", None),
        ("one tablet three weekly", None),
        ("start on Monday", None),
        ("every 8 hours on Mondays", None),
        ("as directed", None),
        ("", None),
    ],
)
def test_directions_say_whether_they_mean_weekly(directions: str, weekly: bool | None) -> None:
    assert says_weekly(directions) is weekly


def test_the_same_warning_on_another_day_has_the_same_key() -> None:
    first, again = report("warfarin", "ibuprofen").alerts[0], report("Nurofen", "Coumadin", "amoxicillin").alerts
    assert first.key in {alert.key for alert in again}
    assert first.key != report("warfarin", "naproxen").alerts[0].key


def row(**columns: str) -> dict[str, str]:
    every = "id severity sides of allergen medicine mechanism effect management source harm alternatives any_route"
    return dict.fromkeys(every.split(), "") | columns


def ingredient(name: str) -> dict[str, str]:
    return {"name": name, "classes": "", "synonyms": "", "brands": ""}


def test_a_rule_that_names_nothing_known_is_refused() -> None:
    odd = row(id="odd", severity="major", sides="warfarin + @nsaids")
    with pytest.raises(ValueError, match="Rule odd names @nsaids, which no class is called"):
        compile_knowledge("test", Files(ingredients=[ingredient("warfarin")], interactions=[odd]))


@pytest.mark.parametrize("order", [("minor", "major"), ("major", "minor")])
def test_of_several_rules_for_the_same_harm_the_worst_speaks_wherever_it_is_written(order: tuple[str, str]) -> None:
    both = [ingredient("alpha"), ingredient("beta")]
    meet = [row(id=f"meet-{severity}", severity=severity, sides="alpha + beta", harm="bleeding") for severity in order]
    cross = [row(id=f"cross-{severity}", severity=severity, allergen="alpha", medicine="beta") for severity in order]
    small = compile_knowledge("test", Files(ingredients=both, interactions=meet, cross_reactivity=cross))
    assert {alert.rule for alert in check([drug("alpha"), drug("beta")], ASKED, small).alerts} == {"meet-major"}
    assert {
        alert.rule for alert in check([drug("beta")], Circumstances((RecordedAllergy("alpha"),)), small).alerts
    } == {"cross-major"}


NAMES = sorted(KNOWLEDGE.classes)
ANY_DRUG = st.builds(
    RegimenDrug,
    name=st.text("abc", min_size=1, max_size=2),
    ingredients=st.lists(st.sampled_from([*NAMES, "moonroot"]), min_size=1, max_size=3, unique=True).map(tuple),
    route=st.sampled_from(["oral", "topical", "intravenous"]),
    ref=st.text("xy", max_size=2),
    weekly=st.sampled_from([True, False, None]),
)
HOT = st.sampled_from(
    [
        "warfarin",
        "ibuprofen",
        "perindopril",
        "furosemide",
        "naproxen",
        "fluoxetine",
        "phenelzine",
        "tramadol",
        "diazepam",
    ]
)
REGIMEN = st.lists(ANY_DRUG | HOT.map(drug), max_size=7)
ALLERGIES = st.lists(
    st.builds(RecordedAllergy, st.sampled_from([*NAMES, "penicillin", "sulfa", "bee venom"]), st.booleans()), max_size=5
)


def facts(found: CheckResult) -> list[RuleAlert]:
    return [replace(alert, alternatives=()) for alert in found.alerts]


@given(REGIMEN, ALLERGIES, st.randoms())
@settings(max_examples=200, deadline=None)
def test_the_order_of_input_never_matters(
    regimen: list[RegimenDrug], allergies: list[RecordedAllergy], chance: object
) -> None:
    first = check(regimen, Circumstances(tuple(allergies)), KNOWLEDGE)
    chance.shuffle(regimen), chance.shuffle(allergies)  # type: ignore[attr-defined]
    assert check(regimen, Circumstances(tuple(allergies)), KNOWLEDGE) == first


@given(REGIMEN, ALLERGIES, ANY_DRUG, st.sampled_from(NAMES))
@settings(max_examples=200, deadline=None)
def test_adding_a_medicine_or_an_allergy_never_removes_an_alert(
    regimen: list[RegimenDrug], allergies: list[RecordedAllergy], more: RegimenDrug, worse: str
) -> None:
    before = check(regimen, Circumstances(tuple(allergies)), KNOWLEDGE)
    after = check([*regimen, more], Circumstances((*allergies, RecordedAllergy(worse))), KNOWLEDGE)
    left = facts(after)
    for alert in facts(before):
        left.remove(alert)
    assert set(before.unknown) <= set(after.unknown)
    assert set(before.unchecked_allergies) <= set(after.unchecked_allergies)


@given(REGIMEN, ALLERGIES)
@settings(max_examples=100, deadline=None)
def test_every_alert_is_whole_and_every_medicine_is_counted(
    regimen: list[RegimenDrug], allergies: list[RecordedAllergy]
) -> None:
    found = check(regimen, Circumstances(tuple(allergies)), KNOWLEDGE)
    assert found.coverage == (len(regimen) - len(found.unknown), len(regimen))
    for alert in found.alerts:
        assert (
            alert.subjects
            and alert.ingredients
            and alert.mechanism
            and alert.effect
            and alert.management
            and alert.source
        )
        assert alert.knowledge == KNOWLEDGE.version


def test_the_key_and_what_is_kept_are_the_same_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = report("warfarin", "ibuprofen").alerts
    monkeypatch.setattr("galen.safety.rules.words._", lambda message, **values: message.upper())
    spoken = report("warfarin", "ibuprofen").alerts
    assert [(alert.key, alert.kept) for alert in spoken] == [(alert.key, alert.kept) for alert in pair]
    assert [alert.effect for alert in spoken] == [alert.kept.upper() for alert in pair]


def test_texts_of_another_table_are_not_taken_for_patterns() -> None:
    knowledge = KNOWLEDGE.with_pairs([Imported("warfarin", "metformin", Severity.MAJOR, "Other", "50% more", "", "")])
    (alert,) = (alert for alert in check([drug("warfarin"), drug("metformin")], ASKED, knowledge).alerts)
    assert (alert.mechanism, alert.source) == ("50% more", "Other")
    assert alert.effect == "An interaction whose effect the source does not state."
