"""Measurements from elsewhere that are hard to believe are kept, marked in doubt, and told in the report."""

from typing import Any

import pytest
from sqlalchemy import select

from galen.core.context import Context
from galen.encounters import Vitals

from .conftest import Import, Written, person


def weight(id: str, value: float, at: str, code: str = "29463-7", unit: str = "kg") -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p1"},
        "category": [{"coding": [{"code": "vital-signs"}]}], "effectiveDateTime": at,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "valueQuantity": {"value": value, "code": unit, "system": "http://unitsofmeasure.org"},
    }  # fmt: skip


BABY = person(birthDate="2025-12-20")


@pytest.mark.parametrize(
    ("who", "observations", "doubted", "says"),
    [
        (BABY, [weight("a", 92, "2026-11-01T10:00:00Z")], ["a"], "Was it 9.2 kg?"),
        (BABY, [weight("a", 20.3, "2026-11-01T10:00:00Z")], ["a"], "Was it 20.3 lb?"),
        (BABY, [weight("a", 29, "2026-11-01T10:00:00Z", "8302-2", "cm")], ["a"], "Was it 29 in?"),
        (
            person(),
            [weight("b", 154, "2026-11-08T10:00:00Z"), weight("a", 70, "2026-11-01T10:00:00Z")],
            ["b"],
            "far from the last one, 70 kg",
        ),
        (person(), [weight("a", 70, "2026-11-01T10:00:00Z"), weight("b", 72, "2026-11-08T10:00:00Z")], [], ""),
    ],
)
async def test_it_is_kept_in_doubt_and_told(
    written: Written, importing: Import, system: Context, who: Any, observations: Any, doubted: list[str], says: str
) -> None:
    report = await importing(written("one.json", who, *observations))
    told = [remark for remark in report.warnings if "in doubt" in remark.says]
    assert [remark.resource for remark in told] == [f"Observation/{id}" for id in doubted]
    assert all(says in remark.says and "confirm it or strike it" in remark.says for remark in told)
    kept = list(await system.db.scalars(select(Vitals)))
    assert len([vitals for vitals in kept if vitals.doubts]) == len(doubted)
    assert all(vitals.confirmed_at is None for vitals in kept)
    assert report.counts()["Observation"]["created"] == len(observations)
