"""Whom an answer shows is read off the answer, whatever it is made of; and a forgotten reading is noticed."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select, text

from galen.core.schemas import Slice, View
from galen.core.shown import patients_in
from galen.patients import Allergy, Patient

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


class Seen(View):
    patient_id: UUID | None
    inside: list[Any] = []


class Row(NamedTuple):
    id: UUID
    words: str = ""

    @property
    def patient_id(self) -> UUID:
        return self.id


@dataclass
class Board:
    title: str
    rows: list[Any] = field(default_factory=list)


@pytest.mark.parametrize(
    ("answer", "patients"),
    [
        (None, set()),
        ("Quill", set()),
        (ONE, set()),
        (b"%PDF", set()),
        (Patient(id=ONE, family="Quill"), {ONE}),
        (Allergy(id=THREE, patient_id=ONE), {ONE}),
        ([Patient(id=ONE), Patient(id=TWO)], {ONE, TWO}),
        (Seen(patient_id=None), set()),
        (Seen(patient_id=ONE, inside=[{"of": Row(TWO)}]), {ONE, TWO}),
        (Board("today", [Row(ONE), Row(TWO), Board("deeper", [Seen(patient_id=THREE)])]), {ONE, TWO, THREE}),
        (Slice(items=[Row(ONE), Row(ONE)], next=None), {ONE}),
        ({"patient_id": ONE, "lines": ({"patient_id": TWO},)}, {ONE, TWO}),
        ({"patient_id": "typed, and no id"}, set()),
    ],
)
def test_it_is_found_as_deep_as_it_stands(answer: Any, patients: set[UUID]) -> None:
    assert patients_in(answer) == patients


def test_an_answer_that_holds_itself_comes_to_an_end() -> None:
    board = Board("today", [Row(ONE)])
    board.rows.append(board)
    assert patients_in(board) == {ONE}


def test_nobody_is_passed_over_because_a_value_was_made_for_the_moment() -> None:
    class Fleeting:
        def __init__(self, patient_id: UUID) -> None:
            self.patient_id = patient_id

    ids = [UUID(int=number) for number in range(1, 200)]

    assert patients_in([[Fleeting(id)] for id in ids]) == set(ids)


async def test_rows_of_columns_tell_it_by_their_names(system: Any, mara: Patient) -> None:
    rows = (await system.db.execute(select(Patient.id.label("patient_id"), Patient.family))).all()
    assert mara.id in patients_in(rows)


async def listed_by(client: Any, database: Any) -> list[str]:
    ruth = await client("ruth")
    answer = await ruth.get("/api/v1/patients")
    rows = await database.one.execute(
        text("SELECT action FROM audit_entry WHERE request_id = :id"), {"id": answer.headers["x-request-id"]}
    )
    return [row.action for row in rows]


async def test_a_list_leaves_its_row(client: Any, database: Any) -> None:
    assert await listed_by(client, database) == ["listed"]


async def test_a_reading_left_out_is_noticed(client: Any, database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: nothing is read off the answer, and the list leaves no row."""
    monkeypatch.setattr("galen.core.web.endpoint.patients_in", lambda _: set())
    assert await listed_by(client, database) == []
