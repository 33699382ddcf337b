"""What visits have found out, lent to the safety check: one query."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, String, Uuid, bindparam, cast, func, literal_column, select

from galen.core.context import Context
from galen.core.fast.prepared_query import PreparedQuery
from galen.i18n import formats
from galen.i18n import gettext as _
from galen.safety import Findings, finds
from galen.values.units import plain

from ..doubts import CHANGES, NAMES
from ..models import Diagnosis, Kept, Vitals
from .lasting import day, last_of

PATIENT = bindparam("patient_id", type_=Uuid)
STANDS = timedelta(days=3 * 365)  # how long a diagnosis counts that nobody wrote into the list of conditions
VALUES = [cast(getattr(Vitals, measure), String) for measure in CHANGES]

FOUND = PreparedQuery(
    select(
        *(last_of(measure, PATIENT) for measure in CHANGES),
        select(func.json_agg(func.json_build_array(Vitals.taken_at, Vitals.doubts, *VALUES), type_=JSON))
        .where(Vitals.patient_id == PATIENT, Vitals.status == Kept.RECORDED)
        .where(Vitals.doubts != literal_column("'{}'::jsonb"), Vitals.confirmed_at.is_(None))
        .scalar_subquery(),
        select(func.json_agg(func.json_build_array(Diagnosis.title, Diagnosis.code, Diagnosis.noted_at), type_=JSON))
        .where(Diagnosis.patient_id == PATIENT, Diagnosis.status == Kept.RECORDED)
        .where(Diagnosis.noted_at > bindparam("since"))
        .scalar_subquery(),
    ),
    bypass_visibility="safety has asked first whether this actor may see the patient",
)


@finds
async def findings(ctx: Context, patient_id: UUID) -> Findings:
    """The last weight, height and creatinine that are believed, what is in doubt, the diagnoses of three years."""
    *lasts, questioned, noted = await FOUND.one(ctx, patient_id=patient_id, since=ctx.now - STANDS)
    unread: list[str] = []
    (kg, kg_on), (cm, _cm_on), (creatinine, creatinine_on) = (
        read(ctx, measure, last, unread) for measure, last in zip(CHANGES, lasts, strict=True)
    )
    doubted = [
        words(ctx, measure, value, at)
        for at, doubts, *values in questioned or ()
        for measure, value in zip(CHANGES, values, strict=True)
        if measure in doubts
    ]
    diagnoses = tuple((title, code, read_day(ctx, at)) for title, code, at in noted or ())
    return Findings(kg, kg_on, cm, creatinine, creatinine_on, diagnoses, tuple(doubted), tuple(unread))


def read(ctx: Context, measure: str, last: Any, unread: list[str]) -> tuple[Decimal | None, date | None]:
    """A value and its day; one that cannot be read is named, and keeps nothing else from being read."""
    if not last:
        return None, None
    value, on = Decimal(last[0]), read_day(ctx, last[1])
    if value.is_finite() and on is not None:
        return value, on
    unread.append(_("the %(measure)s could not be read", measure=_(NAMES[measure][0])))
    return None, None


def read_day(ctx: Context, at: str) -> date | None:
    """The day where the organisation is; a moment that no calendar here holds is none."""
    try:
        return day(ctx, at)
    except (ValueError, OverflowError):
        return None


def words(ctx: Context, measure: str, value: str, at: str) -> str:
    """A value that nobody has confirmed."""
    name, unit, _places = NAMES[measure]
    about = {"measure": _(name), "value": f"{plain(Decimal(value))} {unit}"}
    if on := read_day(ctx, at):
        return _("the %(measure)s %(value)s of %(day)s is in doubt", day=formats.day(on), **about)
    return _("the %(measure)s %(value)s is in doubt", **about)
