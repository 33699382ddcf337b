"""Diagnoses: the codes of ICD-10-CM, found as a doctor types."""

import pytest
from sqlalchemy import select

from galen import encounters
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.encounters import DiagnosisDraft, Kept, Visit
from galen.encounters.icd import dotted, find_codes
from galen.encounters.service import strike_diagnosis
from galen.patients import Condition

pytestmark = pytest.mark.usefixtures("icd")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("type 2 diab", "E11.9"),
        ("diab type 2", "E11.9"),
        ("high blood pressure", "I10"),
        ("essential hyper", "I10"),
        ("asthma unspec", "J45.909"),
        ("E11.9", "E11.9"),
        ("e119", "E11.9"),
        ("j06", "J06"),
    ],
)
async def test_words_in_any_order_or_the_code_find_the_diagnosis(ada: Context, typed: str, first: str) -> None:
    assert (await find_codes(ada, typed))[0].code == first


@pytest.mark.parametrize("typed", ["", " ", "a", "zzzqqq", "'", "&|!", "(((", "é"])
async def test_what_means_nothing_finds_nothing_and_breaks_nothing(ada: Context, typed: str) -> None:
    assert await find_codes(ada, typed) == []


async def test_loading_again_changes_nothing(icd: list[int]) -> None:
    first, second = icd
    assert first > 90_000
    assert second == 0


async def test_a_diagnosis_keeps_code_and_title(ada: Context, visit: Visit) -> None:
    made = await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="e119", remark="Since spring"))
    assert (made.code, made.title) == ("E11.9", "Type 2 diabetes mellitus without complications")
    assert made.by_name == "Dr Ada Okafor"


async def test_a_lasting_one_joins_the_patients_conditions(ada: Context, visit: Visit) -> None:
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10", lasting=True))
    condition = (await ada.db.scalars(select(Condition).where(Condition.patient_id == visit.patient_id))).one()
    assert (condition.code, condition.since) == ("I10", ada.today)


@pytest.mark.parametrize(("code", "sentence"), [("E11", "a group of codes"), ("X99.ZZ", "no code")])
async def test_a_group_or_an_unknown_code_is_refused(ada: Context, visit: Visit, code: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        await encounters.diagnose(ada, visit.id, DiagnosisDraft(code=code))


async def test_a_wrong_one_is_struck_and_stays_readable(ada: Context, visit: Visit) -> None:
    made = await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10"))
    await strike_diagnosis(ada, made.id)
    assert (made.status, made.code) == (Kept.ENTERED_IN_ERROR, "I10")


async def test_reception_does_not_look_up_diagnoses(ruth: Context) -> None:
    with pytest.raises(Forbidden):
        await find_codes(ruth, "asthma")


async def test_the_field_offers_options(client) -> None:
    page = await client("ada", page=True)
    answer = await page.get("/icd?q=type+2+diab", headers={"hx-request": "true", "hx-target": "div#options--code"})
    assert 'data-value="E11.9"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(("typed", "written"), [("e119", "E11.9"), ("I10", "I10"), ("s52.501a", "S52.501A")])
def test_a_code_is_written_with_its_dot(typed: str, written: str) -> None:
    assert dotted(typed) == written
