"""The last values of a patient that are believed: what others are compared with, and doses are reckoned from."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ScalarSelect, String, cast, func, select

from galen.core.context import Context
from galen.patients import Sex

from ..doubts import CHANGES, Doubt, Examined, doubts
from ..models import Vitals

FEMALE = {Sex.FEMALE: True, Sex.MALE: False}
Last = dict[str, tuple[Decimal, date]]


def last_of(measure: str, patient: Any, before: Any = None) -> ScalarSelect[Any]:
    """The last value of one measure that is believed, and when, as one value of an answer."""
    found = select(func.json_build_array(cast(getattr(Vitals, measure), String), Vitals.taken_at, type_=JSON)).where(
        Vitals.patient_id == patient, Vitals.believed(measure)
    )
    if before is not None:
        found = found.where(Vitals.taken_at <= before)
    return found.order_by(Vitals.taken_at.desc()).limit(1).scalar_subquery()


def read_last(ctx: Context, found: Iterable[Any]) -> Last:
    """By measure, in the order of `CHANGES`: the value and its day where the organisation is."""
    pairs = [(measure, last) for measure, last in zip(CHANGES, found, strict=True) if last]
    return {measure: (Decimal(value), day(ctx, at)) for measure, (value, at) in pairs}


def day(ctx: Context, at: str) -> date:
    return datetime.fromisoformat(at).astimezone(ctx.zone).date()


def doubted(kept: dict[str, Decimal], born: date | None, sex: Sex, on: date, last: Last) -> list[Doubt]:
    """What of one set is hard to believe, for this person on this day."""
    return doubts(kept, Examined(born, FEMALE.get(sex), on, last))
