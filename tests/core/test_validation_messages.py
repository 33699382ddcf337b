"""What stands beside a field that was filled in wrongly: what to enter, never what a validator calls it."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import pytest
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from galen.i18n.validation import sentence


class Colour(Enum):
    RED = "red"
    GREEN = "dark_green"


@pytest.mark.parametrize(
    "shape, given, said",
    [
        (date, "tomorrow", "Enter a date, such as 2026-11-20."),
        (date, "2026-02-31", "Enter a date, such as 2026-11-20."),
        (date, None, "Please fill this in."),
        (datetime, "noonish", "Enter a date and a time, such as 2026-11-20T14:30+11:00."),
        (AwareDatetime, "2026-11-20T14:30", "Say in which time zone that is, such as 2026-11-20T14:30+11:00."),
        (time, "25:00", "Enter a time, such as 14:30."),
        (Colour, "blue", "Choose one of red or dark_green."),
        (Literal["day", "week", "month"], "year", "Choose one of day, week or month."),
        (Decimal, "ten", "Enter a number."),
        (Decimal, "NaN", "Enter a number."),
        (int, "3.5", "Enter a whole number."),
        (int, 3.5, "Enter a whole number."),
        (UUID, "", "Choose one from the list."),
        (bool, "perhaps", "Choose yes or no."),
        (str, 5, "Enter some text."),
        (str, None, "Please fill this in."),
        (Annotated[str, Field(min_length=1)], "", "Please fill this in."),
        (Annotated[str, Field(min_length=3)], "ab", "Write at least 3 characters."),
        (Annotated[str, Field(max_length=2)], "abc", "Write at most 2 characters."),
        (Annotated[Decimal, Field(gt=0)], "0", "Enter something above 0."),
        (Annotated[Decimal, Field(ge=1, le=9)], "10", "Enter 9 or less."),
        (Annotated[Decimal, Field(decimal_places=2)], "1.234", "Write at most 2 digits after the point."),
        (Annotated[list[int], Field(min_length=1)], [], "Add at least 1."),
    ],
)
def test_a_complaint_says_what_to_enter(shape: Any, given: Any, said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(shape).validate_python(given)
    assert [sentence(error) for error in wrong.value.errors()] == [said]


EVERY = sorted(set(get_args(ErrorType)) - {"value_error", "assertion_error"})
RAW = ("nput", "should", "instance", "UUID", "{")


@pytest.mark.parametrize("kind", EVERY)
def test_whatever_the_validator_finds_is_said_in_words_of_ours(kind: str) -> None:
    about = dict.fromkeys("expected gt ge lt le multiple_of min_length max_length decimal_places".split(), 7)
    words = sentence({"type": kind, "msg": "Input should be a valid thing", "ctx": about, "input": "x"})
    assert words.endswith(".") and not [raw for raw in RAW if raw in words]


async def test_a_form_shows_it_beside_the_field(client) -> None:
    ruth = await client("ruth", page=True)
    answer = await ruth.post("/queue/walk-in", data={"patient_id": "someone"}, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert '<div id="error--patient_id" class="error" hx-swap-oob="true">Choose one from the list.</div>' in answer.text
    answer = await ruth.post("/patients", data={"family": "Abel", "sex": "blue"}, headers={"hx-request": "true"})
    assert "Choose one of female, male, other or unknown." in answer.text


async def test_an_address_that_is_none_is_not_found(client) -> None:
    page = await (await client("ruth", page=True)).get("/patients/somebody")
    assert page.status_code == 404 and "There is no such page here." in page.text
    answer = await (await client("ruth")).get("/api/v1/patients/somebody")
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"field": "patient_id", "detail": "Choose one from the list."}],
    )


def test_lengths_of_time_are_not_mistaken_for_times() -> None:
    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(timedelta).validate_python("long")
    assert sentence(wrong.value.errors()[0]) == "Enter a length of time."
