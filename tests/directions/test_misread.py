"""What is easily misread (ISMP, Joint Commission) is rewritten with a notice, or refused; and it is never printed."""

import pytest

from galen.prescribing.directions import read, say, supply_of
from galen.prescribing.directions.error_prone import ERROR_PRONE


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
    assert (say(made), [notice.sentence for notice in made.notices]) == (words, sentences)
    assert made.complete


@pytest.mark.parametrize(
    "written",
    ["MSO4 10 mg q4h", "1 tab id", "take it daily", "2 drops aa bd", "1 tab bd d/c", "1 tab i/d", "MTX 10 mg weekly"],
)
def test_what_only_the_prescriber_can_resolve_is_refused(written: str) -> None:
    made = read(written)
    assert any(notice.refused for notice in made.notices) and made.unknown and not made.complete


@pytest.mark.parametrize(
    "written, country, refused",
    [
        ("1 tab od", "AU", False),
        ("1 tab od", "US", False),
        ("1 od", "US", True),
        ("1 drop od", "AU", True),
        ("1 drop od bid", "US", False),
        ("1 application left eye od", "AU", True),
        ("1 drop left eye daily", "US", False),
    ],
)
def test_od_is_once_a_day_unless_it_may_be_the_right_eye(written: str, country: str, refused: bool) -> None:
    assert [notice.written for notice in read(written, country).notices if notice.refused] == (
        ["od"] if refused else []
    )


@pytest.mark.parametrize(
    "written, place",
    [
        ("1 gtt ou bid", "both eyes"),
        ("1 drop AS bd", "left ear"),
        ("2 gtt au tid", "both ears"),
        ("1 gtt OD BID", "right eye"),
    ],
)
def test_latin_eyes_and_ears_are_rewritten_for_drops(written: str, place: str) -> None:
    made = read(written)
    assert made.doses[0].site == place and made.complete and made.notices


@pytest.mark.parametrize("written", ["1 tab on", "1 tab hs", "1 tab qhs", "1 tab bt"])
def test_shorthand_for_the_night_is_rewritten(written: str) -> None:
    made = read(written)
    assert say(made) == "Take 1 tablet at night." and len(made.notices) == 1


def test_what_is_error_prone_is_never_printed() -> None:
    shown = say(read("10 U SC QD .5 mg")) + say(read("1.0 mg qod hs")) + say(read("5 cc tiw"))
    assert not {word.strip(".").lower() for word in shown.split()} & {w for w in ERROR_PRONE if w not in ("on", "in")}


@pytest.mark.parametrize(
    "written, name, sentence",
    [
        ("5 ml tds", "amoxicillin 500 mg capsule", "`mL` does not fit"),
        ("2 puffs bd", "prednisone 5 mg tablet", "`puff` does not fit"),
        ("1 tab bd", "amoxicillin 250 mg/5 mL suspension", "`tablet` does not fit"),
    ],
)
def test_a_dose_that_cannot_be_of_this_product_is_refused(written: str, name: str, sentence: str) -> None:
    made = read(written, supply=supply_of(name))
    assert (
        [notice.refused for notice in made.notices] == [True]
        and sentence in made.notices[0].sentence
        and not made.complete
    )


def test_a_capsule_called_a_tablet_is_put_right() -> None:
    made = read("1 tab bd", supply=supply_of("amoxicillin 500 mg capsule"))
    assert say(made) == "Take 1 capsule 2 times a day." and made.complete and made.notices


@pytest.mark.parametrize(
    "written, refused", [("10 mg daily", True), ("10 mg once weekly", False), ("as directed", True)]
)
def test_methotrexate_by_its_name_is_refused_unless_weekly(written: str, refused: bool) -> None:
    made = read(written, supply=supply_of("methotrexate 2.5 mg tablet"))
    assert any(notice.refused for notice in made.notices) is refused
