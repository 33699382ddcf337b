"""Nothing that a person may fill in is without end: each text, list and number of each draft has a bound."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from galen.core.schemas import Draft
from galen.encounters.schemas import NoteDraft
from galen.modules import discover

BOUNDED_BY_FORMAT = {"uuid", "date", "date-time", "time", "password"}  # a date has a bound of its own, below


def drafts(kind: type[BaseModel] = Draft) -> Iterator[type[BaseModel]]:
    for narrower in kind.__subclasses__():
        if narrower.__module__.startswith("galen."):
            yield narrower
        yield from drafts(narrower)


def endless(schema: Any, at: str = "") -> Iterator[str]:
    """The places of a schema where anything of any length, count or size would be taken."""
    if isinstance(schema, list):
        for part in schema:
            yield from endless(part, at)
    if not isinstance(schema, dict):
        return
    said, kind = schema.keys(), schema.get("type")
    words = kind == "string" and not said & {"maxLength", "enum", "const", "contentMediaType"}
    if words and schema.get("format") not in BOUNDED_BY_FORMAT:
        yield at
    if kind == "array" and "maxItems" not in said:
        yield at
    if kind == "object" and "properties" not in said and "maxProperties" not in said:
        yield at
    low, high = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
    if kind in ("number", "integer") and not (said & low and said & high):
        yield at
    for name, part in schema.items():
        if name == "anyOf" and {"number", "string"} == {p.get("type") for p in part if p.get("type") != "null"}:
            part = [p for p in part if p["type"] == "number"]  # a decimal, which may be written as a text
        yield from endless(part, f"{at}.{name}")


def test_every_draft_of_every_module_has_bounds_everywhere():
    discover()
    kinds = list(drafts())
    assert len(kinds) > 80
    assert [place for kind in kinds for place in endless(kind.model_json_schema(), kind.__name__)] == []


def test_a_draft_without_the_bounds_of_its_base_is_found():
    """The broken variant: a shape that is no draft."""

    class Loose(BaseModel):
        words: str
        many: list[str]
        number: Decimal
        count: int
        more: dict[str, str]

    found = set(endless(Loose.model_json_schema()))
    assert {place.split(".")[2] for place in found} == {"words", "many", "number", "count", "more"}


def test_every_body_is_a_draft():
    rows = [row for module in discover() for row in module.routes if row.draft]
    assert [row.path for row in rows if not issubclass(row.draft.annotation, Draft)] == []


class Everything(Draft):
    words: str = ""
    secret: SecretStr = SecretStr("")
    many: list[str] = []
    more: dict[str, int] = {}
    amount: Decimal = Decimal(0)
    count: int = 0
    day: date | None = None
    at: datetime | None = None


@pytest.mark.parametrize(
    "given",
    [
        {"words": "x" * 501},
        {"secret": "x" * 501},
        {"many": ["x"] * 201},
        {"many": ["x" * 501]},
        {"more": {str(n): 1 for n in range(201)}},
        {"more": {"x" * 501: 1}},
        {"amount": "1e28"},
        {"amount": "-1e13"},
        {"amount": "NaN"},
        {"amount": "Infinity"},
        {"count": 2**31},
        {"count": -(2**63)},
        {"day": "0001-01-01"},
        {"day": "1879-12-31"},
        {"day": "9999-12-31"},
        {"at": "0001-01-01T00:00:00+11:00"},
        {"at": "9999-12-31T23:59:59-11:00"},
    ],
)
def test_what_lies_beyond_a_bound_is_refused_by_the_name_of_its_field(given):
    for read in (Everything.model_validate, lambda said: Everything.model_validate_json(json.dumps(said))):
        with pytest.raises(ValidationError) as refused:
            read(given)
        assert refused.value.errors()[0]["loc"][0] == next(iter(given))


def test_what_lies_within_is_taken():
    given = {"words": "x" * 500, "many": ["x"] * 200, "amount": "1e12", "count": 2**31 - 1, "day": "1880-01-01"}
    assert Everything.model_validate(given).many == ["x"] * 200


def test_a_field_may_say_a_wider_bound_itself():

    assert len(NoteDraft(text="x" * 20_000).text) == 20_000
