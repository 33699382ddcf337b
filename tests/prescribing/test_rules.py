import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.prescribing.abbreviations import FOOD, FREQUENCIES, ROUTES, SITES, UNITS
from galen.prescribing.directions import plain, read
from galen.prescribing.rules import covers_course, days_supply, next_supply, quantity_for, weekly_fault, whole_packs

D = Decimal
SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    "written, words",
    [
        ("1 tab po bd", "Take 1 tablet by mouth 2 times a day."),
        (
            "1–2 tabs q4–6h prn, max 8/24h",
            "Take 1 to 2 tablets every 4 to 6 hours when needed. No more than 8 tablets in 24 hours.",
        ),
        ("2 puffs bd", "Inhale 2 puffs 2 times a day."),
        ("10 units sc nocte", "Inject 10 units under the skin at night."),
        ("1 gtt both eyes bd", "Put 1 drop into both eyes 2 times a day."),
        ("TWO SPRAYS each nostril daily", "Spray 2 sprays into each nostril once a day."),
        ("apply top bd to affected area", "Apply to the affected area 2 times a day."),
        ("ii caps TDS pc x7d", "Take 2 capsules 3 times a day after food for 7 days."),
        ("500mg QID 2/52", "Take 500 mg 4 times a day for 14 days."),
        ("1 tab mane and nocte 5/7", "Take 1 tablet in the morning and at night for 5 days."),
        ("1 tab mane, midday and nocte", "Take 1 tablet in the morning, at midday and at night."),
        ("1 tab daily at night", "Take 1 tablet at night."),
        ("10 mg once weekly", "Take 10 mg once a week."),
        ("1 tab weekly nocte", "Take 1 tablet once a week at night."),
        ("½ tab nocte", "Take 0.5 tablet at night."),
        ("1 1/2 tabs bd", "Take 1.5 tablets 2 times a day."),
        ("half a tab alt die", "Take 0.5 tablet every other day."),
        ("1000 mg po q8h", "Take 1,000 mg by mouth every 8 hours."),
        ("1 tab b.d. p.c.", "Take 1 tablet 2 times a day after food."),
        ("1 tab stat", "Take 1 tablet at once as a single dose."),
        ("1 patch q72h", "Apply 1 patch every 72 hours."),
        ("1 tab po 4 hourly if required", "Take 1 tablet by mouth every 4 hours when needed."),
        ("1 tab every 2 days for 2 weeks NR", "Take 1 tablet every 2 days for 14 days."),
        ("1 tab sl prn chest pain", "Dissolve 1 tablet under the tongue when needed for chest pain."),
        (
            "1 tab prn for pain max 4 daily",
            "Take 1 tablet when needed for pain. No more than 4 tablets in 24 hours.",
        ),
        (
            "500 mg q6h prn max 4 g/24h",
            "Take 500 mg every 6 hours when needed. No more than 4,000 mg in 24 hours.",
        ),
        ("1 tab daily for 1/7", "Take 1 tablet once a day for 1 day."),
        ("1 tab daily 3/12", "Take 1 tablet once a day for 90 days."),
        ("1 tab daily for headache", "Take 1 tablet once a day for headache."),
        ("2,500 mg bd", "Take 2,500 mg 2 times a day."),
        ("mdu", "Take as directed."),
    ],
)
def test_a_patient_reads_plain_english(written: str, words: str) -> None:
    made = read(written)
    assert str(made) == words
    assert made.complete and made.unknown == []


@pytest.mark.parametrize(
    "written, words, unknown",
    [
        ("1 tab tds zqx", "Take 1 tablet 3 times a day. [zqx]", ["zqx"]),
        ("1 tab daily then 2 tabs nocte", "Take 1 tablet once a day. [then 2 tabs nocte]", ["then", "2 tabs nocte"]),
        ("1 tab mane 2 tabs nocte", "Take 1 tablet in the morning. [2 tabs nocte]", ["2", "tabs nocte"]),
        ("1 tab bd tds", "Take 1 tablet 2 times a day. [tds]", ["tds"]),
        ("1 tab po sl bd", "Take 1 tablet by mouth 2 times a day. [sl]", ["sl"]),
        ("2-1 tabs bd", "Take 2 times a day. [2-1 tabs]", ["2-1", "tabs"]),
        ("1/3 tab bd", "Take 2 times a day. [1/3 tab]", ["1/3", "tab"]),
        ("1/0 tab bd", "Take 2 times a day. [1/0 tab]", ["1/0", "tab"]),
        ("0.00001 mg bd", "Take 2 times a day. [0.00001 mg]", ["0.00001", "mg"]),
        ("123456789 mg bd", "Take 2 times a day. [123456789 mg]", ["123456789", "mg"]),
        ("1.2.3 mg bd", "Take 2 times a day. [1.2.3 mg]", ["1.2.3", "mg"]),
        ("0 tabs bd", "Take 2 times a day. [0 tabs]", ["0", "tabs"]),
        ("1 tab q4h nocte", "Take 1 tablet every 4 hours. [nocte]", ["nocte"]),
        ("1 tab weekly nocte mane", "Take 1 tablet once a week at night. [mane]", ["mane"]),
        ("1 tab bd for", "Take 1 tablet 2 times a day. [for]", ["for"]),
        ("1 tab bd max 0/24h", "Take 1 tablet 2 times a day. [max 0/24h]", ["max 0/24h"]),
        ("1 tab q6-4h", "Take 1 tablet. [q6-4h]", ["q6-4h"]),
        ("1 tab bd max 10 mL", "Take 1 tablet 2 times a day. [max 10 ml]", ["max 10 ml"]),
        (
            "5 mg Mon Wed Fri, else 2.5 mg",
            "Take 5 mg. [mon wed fri else 2.5 mg]",
            ["mon", "wed", "fri", "else", "2.5 mg"],
        ),
        ("1 drop left eye right eye bd", "Put 1 drop into the left eye 2 times a day. [right eye]", ["right eye"]),
    ],
)
def test_what_is_not_understood_is_handed_back_and_stops_the_signature(
    written: str, words: str, unknown: list[str]
) -> None:
    made = read(written)
    assert (str(made), made.unknown, made.complete) == (words, unknown, False)


@pytest.mark.parametrize("written", ["", "1 tab", "bd", "take", "po", "max 8", "for 7 days"])
def test_directions_without_dose_or_frequency_are_not_complete(written: str) -> None:
    assert not read(written).complete


@pytest.mark.parametrize(
    "written, words, sentences",
    [
        ("1.0 mg daily", "Take 1 mg once a day.", ["Do not write `1.0`: without its point it is tenfold. Write 1."]),
        (".5 mg daily", "Take 0.5 mg once a day.", ["Do not write `.5`: its point is overlooked. Write 0.5."]),
        (
            "10 U mane",
            "Inject 10 units in the morning.",
            ["Do not write `u`: it is read as 0, 4 or IV. Write unit(s)."],
        ),
        ("1 tab QD", "Take 1 tablet once a day.", ["Do not write `qd`: it is read as qid. Write once a day."]),
        (
            "1 tab q.o.d.",
            "Take 1 tablet every other day.",
            ["Do not write `qod`: it is read as daily or qid. Write every other day."],
        ),
        ("50 µg daily", "Take 50 micrograms once a day.", ["Do not write `µg`: it is read as mg. Write microgram."]),
        ("5 cc daily", "Take 5 mL once a day.", ["Do not write `cc`: it is read as U. Write mL, or with food."]),
        (
            "1 tab daily cc",
            "Take 1 tablet once a day with food.",
            ["Do not write `cc`: it is read as U. Write mL, or with food."],
        ),
    ],
)
def test_what_is_easily_misread_is_rewritten_with_a_notice(written: str, words: str, sentences: list[str]) -> None:
    made = read(written)
    assert (str(made), [one.sentence for one in made.notices]) == (words, sentences)
    assert made.complete


@pytest.mark.parametrize(
    "written",
    ["1 drop AS bd", "1 drop ou bd", "MSO4 10 mg q4h", "1 tab id", "take it daily", "1 tab on", "2 drops aa bd"],
)
def test_what_only_the_prescriber_can_resolve_is_refused(written: str) -> None:
    made = read(written)
    assert any(one.refused for one in made.notices) and made.unknown and not made.complete


@pytest.mark.parametrize(
    "written, country, refused",
    [
        ("1 tab od", "AU", False),
        ("1 tab od", "US", True),
        ("1 drop od", "AU", True),
        ("1 application left eye od", "AU", True),
        ("1 drop left eye daily", "US", False),
    ],
)
def test_od_is_once_a_day_unless_it_may_be_the_right_eye(written: str, country: str, refused: bool) -> None:
    assert [one.written for one in read(written, country).notices if one.refused] == (["od"] if refused else [])


def test_every_part_has_its_place() -> None:
    made = read("1-2 tabs po tds pc prn for pain max 6/24h 5/7 mitte 30 rpt 2")
    assert (made.low, made.high, made.maximum, made.days, made.quantity, made.repeats) == (1, 2, 6, 5, 30, 2)
    assert (made.as_needed, made.reason, made.food, made.as_directed) == (True, "pain", "after food", False)
    assert made.unit == UNITS["tablet"] and made.route == ROUTES["po"] and made.frequency == FREQUENCIES["tds"]
    assert read("1 tab bd nr").repeats == 0


# What the compiler prints, it reads back to the same meaning.
doses = st.sampled_from(["1", "2", "0.5", "1.5", "1 to 2", "2.5 to 5", "1,000"])
units = st.sampled_from(sorted(UNITS)).filter(lambda word: word not in {"cc", "u", "iu"})
routes = st.sampled_from(["", *(word for word in sorted(ROUTES))])
sites = st.sampled_from(["", *sorted(SITES)])
often = st.sampled_from(sorted(set(FREQUENCIES) - {"on"})) | st.sampled_from(
    ["q4h", "q4-6h", "every 3 days", "mane nocte"]
)
food = st.sampled_from(["", *sorted(set(FOOD) - {"cc"})])
ends = st.sampled_from(["", "for 5 days", "2/52", "prn", "prn for pain", "x 10 days", "max 8/24h"])


@given(st.tuples(doses, units, routes, sites, often, food, ends))
def test_what_is_printed_means_what_was_read(parts: tuple[str, ...]) -> None:
    made = read(" ".join(parts))
    again = read(str(made))
    assert made.unknown == []
    assert str(again) == str(made)
    again.notices, again.verb = made.notices, made.verb
    if made.route == ROUTES["top"] and made.site:
        again.route = made.route  # a place on the skin says it
    assert again == made


@given(st.text(max_size=60) | st.text("0123456789 tabcpomgdxqh/-.,", max_size=40))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    made = read(text)
    assert isinstance(str(made), str)
    assert made.per_day is None or made.per_day > 0


strange = st.text("bcdfghjklmnpqrstvwxz", min_size=5, max_size=9).filter(
    lambda word: not word.startswith(("max", "disp"))
)


@given(st.permutations(["1 tab", "po", "bd", "pc"]), strange, st.integers(0, 4))
def test_an_unknown_word_is_never_dropped(known: list[str], word: str, at: int) -> None:
    made = read(" ".join([*known[:at], word, *known[at:]]))
    assert made.unknown == [word] and word in str(made) and not made.complete


@given(st.decimals(D("0.0001"), 10_000, places=4))
def test_numbers_are_printed_safely(number: Decimal) -> None:
    shown = plain(number)
    assert D(shown.replace(",", "")) == number
    assert not shown.startswith(".") and not ("." in shown and shown.endswith(("0", ".")))


def test_the_published_table_of_latin_frequencies_agrees() -> None:
    path = SHARED / "sig" / "latin_frequency.json"
    if not path.exists():
        pytest.skip("The table of Latin frequencies is not beside this checkout.")
    hours = {"Hour": 1, "Day": 24, "Week": 168}
    for word, row in json.loads(path.read_text()).items():
        made = read(f"1 tab {word}")
        if word in {"qiw", "qwk"}:
            continue
        assert made.frequency is not None, word
        assert made.frequency.per_day == Fraction(24 * row["times"], hours[row["frequencyType"]] * row["interval"]), (
            word
        )


@pytest.mark.parametrize(
    "written, quantity, per_unit, days",
    [
        ("1 tab po bd", "30", "1", 15),
        ("1-2 tabs q4-6h prn, max 8/24h", "30", "1", 3),
        ("2 puffs bd", "120", "1", 30),
        ("10 units sc nocte", "15", "100", 150),
        ("1 gtt both eyes bd", "5", "20", 25),
        ("10 mg once weekly", "4", "10", 28),
        ("1 tab alt die", "15", "1", 30),
        ("5 mg daily", "30", "2.5", 15),
        ("1 tab prn", "30", "1", None),
        ("mdu", "30", "1", None),
    ],
)
def test_how_long_a_supply_lasts(written: str, quantity: str, per_unit: str, days: int | None) -> None:
    assert days_supply(D(quantity), read(written), D(per_unit)) == days


def test_a_supply_lasts_no_longer_than_its_life_once_opened() -> None:
    assert days_supply(D(3), read("10 units nocte"), D(100), in_use=28) == 28
    assert days_supply(D(1), read("10 units nocte"), D(100), in_use=28) == 10


@pytest.mark.parametrize(
    "written, days, per_unit, quantity",
    [
        ("1 tab tds 5/7", None, "1", "15"),
        ("1-2 tabs q4-6h max 8/24h 3/7", None, "1", "24"),
        ("5 mL tds x7d", None, "1", "105"),
        ("5 mg bd 2/52", None, "2.5", "56"),
        ("1 gtt both eyes bd 4/52", None, "20", "6"),
        ("1 tab weekly 4/52", None, "1", "4"),
        ("1 tab weekly 3/7", None, "1", "1"),
        ("2 tabs stat", None, "1", "2"),
        ("1 tab bd", 10, "1", "20"),
        ("1 tab bd", None, "1", None),
        ("apply top bd 5/7", None, "1", None),
    ],
)
def test_how_much_a_course_needs(written: str, days: int | None, per_unit: str, quantity: str | None) -> None:
    assert quantity_for(read(written), days, D(per_unit)) == (None if quantity is None else D(quantity))


@given(
    st.sampled_from(["1 tab bd", "1-2 tabs q4-6h", "1 tab weekly", "3 tabs tds", "1 tab alt die"]), st.integers(1, 400)
)
def test_what_a_course_needs_lasts_the_course(written: str, days: int) -> None:
    made = read(written)
    needed = quantity_for(made, days)
    lasts = days_supply(needed, made) if needed else None
    assert needed is not None and lasts is not None and lasts >= days


def test_unbreakable_packs_are_made_up() -> None:
    assert (whole_packs(D(31), D(30)), whole_packs(D(30), D(30)), whole_packs(D(1), D(30))) == (60, 30, 30)
    with pytest.raises(ValueError, match="pack size must be above zero"):
        whole_packs(D(1), D(0))


def test_repeats_count_toward_the_course() -> None:
    made = read("1 tab bd 4/52")
    assert covers_course(D(28), 1, made) is True
    assert covers_course(D(28), 0, made) is False
    assert covers_course(D(28), 0, read("1 tab bd")) is None


@pytest.mark.parametrize(
    "last, days, threshold, due",
    [
        ("2026-03-01", 30, "0.80", "2026-03-25"),
        ("2026-03-01", 28, "0.85", "2026-03-25"),
        ("2026-03-01", 30, "1", "2026-03-31"),
        ("2026-02-20", 10, "0.75", "2026-02-28"),
    ],
)
def test_the_next_supply_has_its_day(last: str, days: int, threshold: str, due: str) -> None:
    assert next_supply(date.fromisoformat(last), days, D(threshold)) == date.fromisoformat(due)


def test_a_threshold_is_a_share() -> None:
    with pytest.raises(ValueError, match=r"0\.80 is 80 %"):
        next_supply(date(2026, 3, 1), 30, D(80))


@pytest.mark.parametrize(
    "ingredient, written, fault",
    [
        ("methotrexate", "10 mg once weekly", False),
        ("Methotrexate", "10 mg daily", True),
        ("methotrexate", "10 mg every other day", True),
        ("methotrexate", "10 mg every 7 days", False),
        ("methotrexate", "10 mg weekly prn", True),
        ("methotrexate", "mdu", True),
        ("methotrexate", "10 mg stat", False),
        ("paracetamol", "1 g qid", False),
    ],
)
def test_methotrexate_is_never_daily(ingredient: str, written: str, fault: bool) -> None:
    found = weekly_fault(ingredient, read(written))
    assert (found is not None) == fault
    assert found in {None, "Methotrexate must be once a week: say so in the directions, and on which day."}
