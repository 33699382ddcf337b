"""Words for eyes, ears and noses count only of what may go there, and nothing goes where it cannot."""

import pytest

from galen.prescribing.directions import compiled, read, say, supply_of


@pytest.mark.parametrize(
    "written, drug, words",
    [
        ("One To Be Taken Three Times A Day x 5 days", "paracetamol 500 mg tablet", "Take 1 tablet 3 times a day for"
         " 5 days."),
        ("Two to be swallowed at night", "senna 7.5 mg tablet", "Take 2 tablets by mouth at night."),
        ("one to be chewed twice a day", "calcium carbonate 500 mg tablet", "Chew 1 tablet 2 times a day."),
        ("one to be dissolved under the tongue prn", "glyceryl trinitrate 500 mcg tablet",
         "Dissolve 1 tablet under the tongue when needed."),
        ("two puffs to be inhaled twice a day", "salbutamol 100 mcg inhaler", "Inhale 2 puffs 2 times a day."),
        ("one to be inserted at night", "clotrimazole 500 mg pessary", "Insert 1 pessary at night."),
        ("one drop to be instilled in the left eye bd", "timolol 0.5 % eye drops", "Put 1 drop into the left eye 2"
         " times a day."),
        ("to be applied to the affected area twice a day", "hydrocortisone 1 % cream", "Apply to the affected area 2"
         " times a day."),
        ("5 mL to be given by mouth tds", "paracetamol 120 mg/5 mL oral suspension", "Give 5 mL by mouth 3 times a"
         " day."),
        ("one should be used at night", "nicotine 2 mg lozenge", "Use 1 lozenge at night."),
        ("2 drops to be used in both eyes qid", "hypromellose eye drops", "Use 2 drops into both eyes 4 times a day."),
    ],
)  # fmt: skip
def test_labels_that_say_what_is_to_be_done_are_read(written: str, drug: str, words: str) -> None:
    made = read(written, supply=supply_of(drug))
    assert say(made) == words and made.complete


@pytest.mark.parametrize("word", ["be", "le", "re", "as", "au", "ad", "ou", "os"])
def test_an_abbreviation_for_an_eye_or_an_ear_is_none_of_a_tablet(word: str) -> None:
    for written, drug in (
        (f"1 {word} tds", "paracetamol 500 mg tablet"),
        (f"1 tab {word} tds", ""),
        (f"5 mL {word} tds", ""),
    ):
        made = read(written, supply=supply_of(drug) if drug else None)
        assert all(not dose.site for dose in made.doses) and made.unknown == [word] and not made.complete


@pytest.mark.parametrize(
    "written, drug, site",
    [
        ("1 drop be tds", "", "both eyes"),
        ("1 drop le bd", "timolol eye drops", "left eye"),
        ("2 gtt AU bd", "", "both ears"),
        ("2 drops as needed", "", ""),
        ("1 drop as the nurse showed, bd", "", ""),
        ("1 drop re: dry eyes bd", "", ""),
        ("1 drop to be squirted bd", "", ""),
        ("1 drop as bd", "timolol 0.5 % eye drops", "left ear"),
        ("2 drops be bd", "ofloxacin ear drops", ""),
    ],
)
def test_of_drops_it_counts_where_no_sentence_goes_on(written: str, drug: str, site: str) -> None:
    assert read(written, supply=supply_of(drug) if drug else None).doses[0].site == site


@pytest.mark.parametrize(
    "written, drug",
    [
        ("1 tab into the left eye bd", ""),
        ("put 1 tablet in both ears daily", "paracetamol 500 mg tablet"),
        ("1 into each nostril bd", "loratadine 10 mg tablet"),
        ("take 1 tablet nasally", ""),
        ("inhale 1 tablet bd", ""),
        ("inject 1 capsule daily", ""),
        ("1 capsule inhaled bd", "amoxicillin 500 mg capsule"),
        ("1 tab to the affected area bd", ""),
        ("1 tab im stat", ""),
        ("1 suppository by mouth daily", ""),
        ("swallow 1 suppository daily", ""),
        ("1 pessary po nocte", "clotrimazole 500 mg pessary"),
        ("2 drops by mouth bd", "timolol 0.5 % eye drops"),
        ("swallow 2 drops bd", "chloramphenicol eye drops"),
        ("1 drop both eyes bd", "ciprofloxacin ear drops"),
        ("2 sprays into both eyes bd", "fluticasone nasal spray"),
        ("1 puff into the ear bd", "salbutamol inhaler"),
        ("1 patch to the left eye daily", "nicotine patch"),
        ("1 patch by mouth daily", ""),
        ("5 mL into the left ear bd", "amoxicillin 250 mg/5 mL oral suspension"),
        ("2 g by mouth bd", "hydrocortisone 1 % cream"),
        ("1 lozenge rectally bd", ""),
        ("10 units into the left eye nocte", "insulin glargine 100 units/mL pen"),
        ("1 nebule under the skin bd", "salbutamol nebules"),
    ],
)
def test_what_cannot_go_there_is_refused_and_nothing_is_counted(written: str, drug: str) -> None:
    made = read(written, supply=supply_of(drug) if drug else None)
    assert not made.complete
    assert [
        notice.sentence for notice in made.notices if notice.refused and "cannot be given" in notice.sentence
    ] or made.unknown
    found = compiled(written, drug, 7)
    assert (found["quantity"], found["complete"]) == (None, False)


@pytest.mark.parametrize(
    "written, drug",
    [
        ("1 tab pv nocte", ""),
        ("1 tablet rectally bd", ""),
        ("1 tab sl prn", ""),
        ("1 tab via peg tube bd", ""),
        ("inhale 1 capsule daily", "tiotropium 18 mcg capsule"),
        ("inhale 1 capsule daily", "indacaterol inhalation capsule"),
        ("inhale 2 puffs by mouth bd", "salbutamol inhaler"),
        ("1 drop both ears bd", "ofloxacin eye drops"),
        ("2 drops by mouth daily", "colecalciferol oral drops"),
        ("1 spray under the tongue prn", "glyceryl trinitrate sublingual spray"),
        ("2 sprays each nostril daily", "mometasone nasal spray"),
        ("1 patch to the skin every 72 hours", "fentanyl 25 mcg/h patch"),
        ("10 units into the abdomen nocte", "insulin glargine 100 units/mL pen"),
        ("apply to the lips bd", "aciclovir 5 % cream"),
        ("1 suppository vaginally nocte", ""),
        ("1 vial via nebuliser qid", "salbutamol nebuliser solution"),
        ("1 tab daily for infection in left eye", "doxycycline 100 mg tablet"),
        ("1 tab tds for pain in the right ear", "ibuprofen 400 mg tablet"),
    ],
)
def test_what_may_go_there_is_not_refused(written: str, drug: str) -> None:
    assert read(written, supply=supply_of(drug) if drug else None).complete
