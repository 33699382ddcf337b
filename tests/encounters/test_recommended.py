"""Tests recommended for a diagnosis: the file is sound, and says the right thing for a code."""

from collections import Counter

import pytest
from sqlalchemy import select

from galen import encounters
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.core.finish import finish
from galen.encounters import DiagnosisDraft, IcdCode, Visit
from galen.encounters.icd import begins
from galen.encounters.recommended import Recommended, named, recommended_for, table
from galen.encounters.service import strike_diagnosis, visit_page
from galen.encounters.service import tests_for as asked_for

pytestmark = pytest.mark.usefixtures("icd")
SIGNS = str.maketrans("", "", '\n\t"')


def check_digit(number: str) -> int:
    """Mod 10, as LOINC reckons it: every second digit from the right is doubled."""
    doubled = [int(sign) * (2 - at % 2) for at, sign in enumerate(reversed(number))]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def sound(loinc: str) -> bool:
    number, _, digit = loinc.partition("-")
    return number.isdecimal() and digit == str(check_digit(number))


@pytest.mark.parametrize(("loinc", "right"), [("4548-4", True), ("4548-5", False), ("2160-0", True), ("21600", False)])
def test_a_wrong_check_digit_is_noticed(loinc: str, right: bool) -> None:
    assert sound(loinc) is right


@pytest.mark.parametrize("row", table(), ids=lambda row: row.key)
def test_a_row_is_complete(row: Recommended) -> None:
    assert all((row.codes, row.test, row.why, row.when, row.source))
    assert row.loinc == "" or sound(row.loinc)
    assert not row.why.endswith(".") and not row.when.endswith(".")
    assert all(text == text.strip() == text.translate(SIGNS) for text in row[1:])
    assert named(row.key) is row


def test_nothing_stands_twice_and_there_is_enough_of_it() -> None:
    every = Counter((code, row.test.casefold()) for row in table() for code in row.codes)
    assert [key for key, times in every.items() if times > 1] == []
    assert len(table()) >= 60
    assert len({row.codes for row in table()}) >= 30


async def test_every_code_is_in_the_classification(ada: Context) -> None:
    for code in {code for row in table() for code in row.codes}:
        assert await ada.db.scalar(select(IcdCode.id).where(begins(code)).limit(1)), f"{code} begins no code"


@pytest.mark.parametrize(
    ("codes", "there", "absent"),
    [
        (["E11.9"], "HbA1c", "PSA"),
        (["e11.65"], "HbA1c", "TSH"),
        (["N18.30"], "Haemoglobin", "Calcium phosphate and PTH"),
        (["N18.4"], "Calcium phosphate and PTH", "HbA1c"),
        (["J02.9"], "Rapid test for group A streptococcus", "Peak flow diary"),
        (["Z99.9"], "", "HbA1c"),
        ([], "", "HbA1c"),
    ],
)
def test_the_most_a_code_asks_for(codes: list[str], there: str, absent: str) -> None:
    tests = [row.test for row in recommended_for(codes)]
    assert (there in tests) is bool(there)
    assert absent not in tests


def test_a_test_that_two_diagnoses_ask_for_stands_once() -> None:
    tests = [row.test for row in recommended_for(["I10", "E11.9"])]
    assert tests[0] == "HbA1c" and len(tests) == len(set(tests))


async def test_a_struck_diagnosis_asks_for_nothing(ada: Context, visit: Visit) -> None:
    diagnosis = await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="E11.9"))
    assert "HbA1c" in [row.test for row in (await visit_page(ada, visit.id)).tests]
    await strike_diagnosis(ada, diagnosis.id)
    assert (await visit_page(ada, visit.id)).tests == []


async def test_over_the_api(client) -> None:
    answer = await (await client("ada")).get("/api/v1/icd/e119/tests")
    assert answer.status_code == 200
    assert {"test": "HbA1c", "loinc": "4548-4"}.items() <= answer.json()[0].items()
    assert (await (await client("ruth")).get("/api/v1/icd/E11.9/tests")).status_code == 403


async def test_what_is_no_code_is_refused_by_name(ada: Context, ruth: Context) -> None:
    with pytest.raises(Invalid, match="is no code of ICD-10-CM"):
        await asked_for(ada, "sugar")
    with pytest.raises(Forbidden):
        await asked_for(ruth, "E11.9")


async def test_the_page_offers_them_beside_the_note(client, ada: Context, visit: Visit) -> None:
    await finish(ada)
    page = await client("ada", page=True)
    assert "Recommended tests" not in (await page.get(f"/visits/{visit.id}")).text
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10"))
    await finish(ada)
    text = (await page.get(f"/visits/{visit.id}")).text
    for words in ("Recommended tests", "12-lead ECG", "LOINC 11524-6", "NICE NG136", "Add to plan"):
        assert words in text
