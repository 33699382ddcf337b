"""Any part of any name and number finds a person, with or without when they were born."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from galen import patients
from galen.core.context import Context
from galen.patients import PatientDraft
from galen.patients.keys import found_by, grams, wanted, words_of
from galen.patients.rules import Birth
from galen.patients.schemas import Glance, PatientEdit
from galen.patients.service import LikelyDuplicate, alike, edit_patient
from galen.patients.service.finding import births, place

Open = Callable[..., Awaitable[Any]]
PEOPLE = [
    PatientDraft(family="Kahlwig y Calderstone", given="Magda Carmen", born="1971-08-30", phone="02 5550 1234"),
    PatientDraft(family="De La Crucero", given="Inés", born="1988-02-20"),
    PatientDraft(family="van der Ploeg", given="Aart-Jan", preferred="Bram", born="1990-04-03"),
    PatientDraft(family="Ó Briain", given="Caoimhe", born="1990-03-04"),
    PatientDraft(family="D’Arcy-Whitlow", given="Saoirse", former="Penhallow, Tregenza", born="1955-12-01"),
    PatientDraft(family="Lindqvist 2nd", given="Olle", born="1988-07-07"),
    PatientDraft(family="Baby of Hollins", given="Twin 2", born="2026-11-01"),
    PatientDraft(family="Baby of Hollins", given="Twin 1", born="2026-11-01"),
    PatientDraft(family="O", given="", born="1962-05-05"),
    PatientDraft(family="Guðmundsdóttir", given="Þóra", born="1930-04-03", phone="+49 1511 2950000"),
    PatientDraft(family="Smith", given="Ann", born="1990-04-03", phone="0412 345 678"),
]


@pytest.fixture
async def crowd(ruth: Context) -> Context:
    """Eleven people whose names are not simple."""
    for draft in PEOPLE:
        await patients.register(ruth, draft.model_copy(update={"anyway": True}))
    return ruth


async def families(ctx: Context, typed: str) -> list[str]:
    return [person.family for person in await patients.find_patients(ctx, typed)]


@pytest.mark.parametrize(
    ("typed", "family"),
    [
        ("Calderstone", "Kahlwig y Calderstone"),
        ("Magda Kahlwig", "Kahlwig y Calderstone"),
        ("Magda Calderstone", "Kahlwig y Calderstone"),
        ("calderstone, carmen", "Kahlwig y Calderstone"),
        ("y calder", "Kahlwig y Calderstone"),
        ("Kahlwig-Calderstone", "Kahlwig y Calderstone"),
        ("derston", "Kahlwig y Calderstone"),
        ("Crucero", "De La Crucero"),
        ("la crucero", "De La Crucero"),
        ("delacrucero", "De La Crucero"),
        ("ines de la", "De La Crucero"),
        ("Ploeg", "van der Ploeg"),
        ("der ploeg aart", "van der Ploeg"),
        ("vanderploeg", "van der Ploeg"),
        ("Jan Ploeg", "van der Ploeg"),
        ("bram", "van der Ploeg"),
        ("bram ploeg", "van der Ploeg"),
        ("Briain", "Ó Briain"),
        ("O'Briain", "Ó Briain"),
        ("obriain", "Ó Briain"),
        ("caoimhe briain", "Ó Briain"),
        ("Arcy", "D’Arcy-Whitlow"),
        ("darcy", "D’Arcy-Whitlow"),
        ("d'arcy", "D’Arcy-Whitlow"),
        ("whitlow", "D’Arcy-Whitlow"),
        ("Whitlow-D'Arcy", "D’Arcy-Whitlow"),
        ("Saoirse Whitlow", "D’Arcy-Whitlow"),
        ("darcy whitlow", "D’Arcy-Whitlow"),
        ("Penhallow", "D’Arcy-Whitlow"),
        ("saoirse tregenza", "D’Arcy-Whitlow"),
        ("Lindqvist 2nd", "Lindqvist 2nd"),
        ("2nd", "Lindqvist 2nd"),
        ("olle lindqvist", "Lindqvist 2nd"),
        ("Hollins", "Baby of Hollins"),
        ("O", "O"),
        ("gudmundsdottir thora", "Guðmundsdóttir"),
        ("mundsdott", "Guðmundsdóttir"),
    ],
)
async def test_any_part_of_any_name_finds_the_person(crowd: Context, typed: str, family: str) -> None:
    assert family in await families(crowd, typed)


@pytest.mark.parametrize(("typed", "given"), [("Twin 2", "Twin 2"), ("hollins twin 2", "Twin 2"), ("twin 1", "Twin 1")])
async def test_names_with_digits_are_names(crowd: Context, typed: str, given: str) -> None:
    assert (await patients.find_patients(crowd, typed))[0].given == given


@pytest.mark.parametrize(
    ("typed", "family"),
    [
        ("Calderstonne", "Kahlwig y Calderstone"),
        ("Plogue", "van der Ploeg"),
        ("Wihtlow", "D’Arcy-Whitlow"),
        ("Penhalow", "D’Arcy-Whitlow"),
    ],
)
async def test_a_part_of_a_name_may_be_misspelt(crowd: Context, typed: str, family: str) -> None:
    assert family in await families(crowd, typed)


@pytest.mark.parametrize(
    "typed",
    ["0412 345 678", "0412345678", "+61 412 345 678", "61412345678", "412345678", "345 678", "345678", "5678",
     "(0412) 345-678", "+61 (0)412 345 678", "0061 412 345 678", "tel. 0412 345 678", "0412 345 678 ext. 3"],
)  # fmt: skip
async def test_any_part_of_a_telephone_number_finds_the_person(crowd: Context, typed: str) -> None:
    assert "Smith" in await families(crowd, typed)


@pytest.mark.parametrize("typed", ["02 5550 1234", "5550 1234", "(02) 55501234", "+61 2 5550 1234", "50 12", "1511295"])
async def test_area_and_country_may_be_left_out(crowd: Context, typed: str) -> None:
    wanted_family = "Guðmundsdóttir" if typed == "1511295" else "Kahlwig y Calderstone"
    assert wanted_family in await families(crowd, typed)


async def test_a_part_of_a_record_number_finds_it(crowd: Context) -> None:
    smith = (await patients.find_patients(crowd, "smith"))[0]
    for typed in (smith.number, smith.number.lower(), smith.number[1:], str(int(smith.number[1:])), smith.number[-4:]):
        assert smith.id in [person.id for person in await patients.find_patients(crowd, typed)], typed


async def test_a_computer_finds_by_the_whole_number_alone(crowd: Context) -> None:
    smith = (await patients.find_patients(crowd, "smith"))[0]
    assert [person.id for person in await patients.numbered(crowd, smith.number)] == [smith.id]
    for part in ("0412345678", "5678", "Smith", "03/04/1990", f"{smith.number}0"):
        assert await patients.numbered(crowd, part) == [], part


async def test_a_name_and_part_of_a_number_find_the_person(crowd: Context) -> None:
    assert await families(crowd, "smith 345") == ["Smith"]
    assert await families(crowd, "calderstone 5550") == ["Kahlwig y Calderstone"]


@pytest.mark.parametrize(
    ("typed", "family"),
    [
        ("Lindqvist 1988", "Lindqvist 2nd"),
        ("1988 crucero", "De La Crucero"),
        ("smith 3/4/90", "Smith"),
        ("Smith, Ann 03/04/1990", "Smith"),
        ("ann 3 April 1990", "Smith"),
        ("3.4.1990 smith", "Smith"),
        ("briain 1990-03-04", "Ó Briain"),
        ("smith dob 3/4/1990", "Smith"),
        ("Smith (born 1990)", "Smith"),
        ("crucero 20 Feb 1988", "De La Crucero"),
        ("crucero Feb 1988", "De La Crucero"),
        ("crucero 02/1988", "De La Crucero"),
        ("thora 3/4/30", "Guðmundsdóttir"),
    ],
)
async def test_a_name_with_a_birth_tells_people_apart(crowd: Context, typed: str, family: str) -> None:
    assert await families(crowd, typed) == [family]


@pytest.mark.parametrize(
    "typed",
    ["20/02/1988", "02/20/1988", "20 Feb 1988", "February 20, 1988", "1988-02-20", "1988-2-20", "1988/02/20",
     "20-02-1988", "20.2.88", "20th Feb 88", "20feb1988", "20021988", "19880220"],
)  # fmt: skip
async def test_a_birth_is_read_in_every_writing(crowd: Context, typed: str) -> None:
    assert await families(crowd, typed) == ["De La Crucero"]


async def test_an_ambiguous_birth_follows_the_country(crowd: Context) -> None:
    assert set(await families(crowd, "03/04/1990")) == {"van der Ploeg", "Smith"}
    today = date(2026, 11, 20)
    assert next(births("03/04/1990", today, "US")) == ("", (date(1990, 3, 4), date(1990, 3, 4)))
    assert next(births("03/04/1990", today, "GB")) == ("", (date(1990, 4, 3), date(1990, 4, 3)))
    assert next(births("smith 3/4/30", today, "AU")) == ("smith", (date(1930, 4, 3), date(1930, 4, 3)))


async def test_the_order_is_beginnings_then_parts_then_inner_parts(crowd: Context) -> None:
    for family, given in (("Stoneham", "Una"), ("Calder", "Stone"), ("Rollingstone", "Vi"), ("Milton Stone", "Zed")):
        await patients.register(crowd, PatientDraft(family=family, given=given, anyway=True))
    assert await families(crowd, "stone") == [
        "Stoneham",
        "Calder",
        "Milton Stone",
        "Kahlwig y Calderstone",
        "Rollingstone",
    ]
    await patients.register(crowd, PatientDraft(family="Applestone", given="Ed", anyway=True))
    assert (await families(crowd, "stone"))[3] == "Applestone", "whoever stands equal is listed by the alphabet"
    assert place("stone", " milton stone") < place("stone ham", " stoneham") < place("aa bb", " cc")


async def test_what_is_like_nothing_there_finds_nobody(crowd: Context) -> None:
    odd = ["%", "_", "\\", "'", "0" * 500, "Q" * 500, "٣/٤/١٩٩٠ x"]
    wrong = [
        "Zzyzx",
        "Zz\x00yzx",
        "smith 1991",
        "smith 12/9999",
        "98765",
        "00/00/0000",
        "31/02/1990",
        "P999999",
        "Twin 9",
    ]
    for typed in (*odd, *wrong):
        assert await families(crowd, typed) == [], typed


async def test_a_changed_name_is_found_anew_and_the_old_one_as_a_former_one(crowd: Context) -> None:
    smith = (await patients.find_patients(crowd, "smith"))[0]
    await edit_patient(crowd, smith.id, PatientEdit(family="Okonkwo-Reyes", given="Ann", former="Smith"))
    await crowd.flush()
    assert await families(crowd, "reyes") == ["Okonkwo-Reyes"]
    assert await families(crowd, "ann smith") == ["Okonkwo-Reyes"]
    await edit_patient(crowd, smith.id, PatientEdit(family="Okonkwo-Reyes", given="Ann"))
    await crowd.flush()
    assert await families(crowd, "smith") == []


@pytest.mark.parametrize(
    ("family", "given", "born"),
    [
        ("Calderstone", "Magda", "1971-08-30"),
        ("Kahlwig", "Magda", "1971-08-30"),
        ("Kahlwig Calderstone", "Magda Carmen", "1971-08-30"),
        ("Crucero", "Ines", "1988-02-20"),
        ("Ploeg", "Bram", "1990-04-03"),
        ("Briain", "Caoimhe", "1990-03-04"),
        ("Whitlow", "Saoirse", "1955-12-01"),
        ("Penhallow", "Saoirse", "1955-12-01"),
        ("Carmen", "Magda", "1971-08-30"),
    ],
)
async def test_part_of_a_name_and_the_same_birth_are_asked_about(
    crowd: Context, family: str, given: str, born: str
) -> None:
    before = len(await patients.find_patients(crowd, limit=100))
    with pytest.raises(LikelyDuplicate):
        await patients.register(crowd, PatientDraft(family=family, given=given, born=born))
    assert len(await patients.find_patients(crowd, limit=100)) == before


@pytest.mark.parametrize(
    ("family", "given", "born"),
    [("Hollins", "Twin 3", "2026-11-01"), ("Calderstone", "Rufus", "1971-08-30"), ("Crucero", "Ines", "1961-01-01")],
)
async def test_twins_siblings_and_namesakes_are_not(crowd: Context, family: str, given: str, born: str) -> None:
    assert await patients.register(crowd, PatientDraft(family=family, given=given, born=born))


async def test_the_whole_name_finds_the_short_one_that_is_there(ruth: Context) -> None:
    await patients.register(ruth, PatientDraft(family="Calderstone", given="Magda", born="1971-08-30"))
    shown = await alike(ruth, Glance(family="Kahlwig y Calderstone", given="Magda Carmen", born="1971-08-30"))
    assert [(person.name, person.probable) for person in shown] == [("CALDERSTONE, Magda", True)]
    assert "parts of the same name" in shown[0].reasons


async def test_a_birth_is_typed_as_the_country_writes_it(client: Open) -> None:
    browser = await client("ruth", page=True)
    form = {"family": "Leapling", "given": "Una", "born": "29/2/1984"}
    answer = await browser.post("/patients", data=form)
    assert answer.status_code == 303, answer.text
    assert "29 Feb 1984" in (await browser.get(answer.headers["location"])).text
    glance = await browser.post("/patients/duplicates", data=form, headers={"hx-request": "true"})
    assert "LEAPLING" in glance.text and "same date of birth" in glance.text
    for bad, says in (
        ("29/2/1985", "is not in the calendar"),
        ("soon", "must be a year, a month (1980-05) or a day"),
        ("3/4/30", "in the future. Write the year with four"),
    ):
        refused = await browser.post("/patients", data={**form, "born": bad}, headers={"hx-request": "true"})
        assert refused.status_code == 422 and says in refused.text, refused.text


@pytest.mark.parametrize(("text", "birth"), [("05/1980", "1980-05"), ("5.1980", "1980-05"), ("1980", "1980")])
def test_a_birth_known_in_part_may_be_typed_either_way(text: str, birth: str) -> None:
    assert str(Birth.parse(text)) == birth


@pytest.mark.parametrize(
    ("text", "says"),
    [("31/02/1984", "calendar"), ("29/02/1984", "Write the date"), ("13/1980", "calendar"), ("yesterday", "must be")],
)
def test_a_birth_that_is_none_says_why(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Birth.parse(text)


def test_words_and_pieces() -> None:
    assert words_of("D'Arcy-Whitlow") == ["darcywhitlow", "d", "arcy", "whitlow"]
    assert words_of("Ó Briain") == ["o", "briain", "obriain"]
    words, pieces = found_by(["Quill", "Mara"], ["0491 570 006", ""])
    assert words == " quill mara #0491570006"
    assert {"^q", "^qu", "qui", "uil", "ill", "^ma", "049", "006", "~KL"} <= set(pieces.split())
    assert grams("^m") == ["^m"] and grams("12") == []
    assert wanted(["mara"]) == (["^ma", "mar", "ara"], ["% mara%"])
    assert wanted(["mara"], inside=True) == (["mar", "ara"], ["%mara%"])
