"""What is known of a patient before a check: allergies, conditions, the body, and what is taken."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import JSON, Date, String, bindparam, cast, func, select

from galen import patients
from galen.core.context import Context
from galen.core.errors import NotFound
from galen.core.fast.prepared_query import PreparedQuery
from galen.i18n import gettext as _
from galen.logs import log
from galen.patients import Allergy, AllergyState, AllergyStatus, Condition, CurrentMedicine, Patient, Sex

from . import findings, reading, rules
from .knowledge import Knowledge
from .rules import BROKEN, Circumstances, RegimenDrug

T = TypeVar("T")
CURRENT = "current"
TODAY = bindparam("today", type_=Date)


def listed(model: Any, *columns: Any) -> Any:
    """Rows about the patient, as one value of the answer."""
    rows = select(func.json_agg(func.json_build_array(*columns), type_=JSON))
    return rows.where(model.patient_id == Patient.id).correlate(Patient)


def lasting(model: Any) -> Any:
    return (model.until.is_(None)) | (model.until >= TODAY), ~model.entered_in_error


KNOWN = PreparedQuery(
    select(
        Patient.allergy_state,
        cast(Patient.born, String),  # as text: a day that no calendar here holds hides nothing else
        Patient.sex,
        listed(Condition, Condition.text, Condition.code, Condition.since).where(*lasting(Condition)).scalar_subquery(),
        listed(
            Allergy, Allergy.substance, Allergy.kind, Allergy.reaction, Allergy.severity, Allergy.noted_on,
            Allergy.recorded_by,
        )
        .where(Allergy.status == AllergyStatus.ACTIVE)
        .scalar_subquery(),
        listed(CurrentMedicine, CurrentMedicine.text, CurrentMedicine.ingredient, CurrentMedicine.directions)
        .where(*lasting(CurrentMedicine))
        .scalar_subquery(),
    ).where(Patient.id == bindparam("patient_id")),
    bypass_visibility="known_of asks first whether this actor may see the patient",
)  # fmt: skip


async def known_of(ctx: Context, patient_id: UUID, knowledge: Knowledge) -> tuple[Circumstances, list[RegimenDrug]]:
    """A patient's allergies, conditions and body, and what is taken. Allergies to things in the air are left aside.

    A fact that cannot be read is named, and all others are checked.
    """
    if not ctx.sees_all(Patient):
        await patients.known(ctx, patient_id)
    row = await KNOWN.one(ctx, patient_id=patient_id, today=ctx.today)
    if row is None:
        raise NotFound(thing="patient")
    state, born, sex, problems, reactions, taken = row
    unread: list[str] = []
    allergies = each(allergy, reactions, unread)
    asked = state is not AllergyState.NOT_ASKED or any(substance for substance, *_ in reactions or ())
    regimen = each(lambda said: medicine(said, knowledge), taken, unread)
    conditions = [(text, code, a_day(since)) for text, code, since in problems or ()]
    birthday = a_day(born)
    if born and birthday is None:
        unread.append(_("the date of birth"))
    female = {Sex.FEMALE: True, Sex.MALE: False}.get(sex)
    found = await findings.found(ctx, patient_id)
    person = findings.person(birthday, female, conditions, found, ctx.today)
    unread += [words for told in found for words in told.unread]
    return Circumstances(tuple(allergies) if asked else None, person, tuple(unread)), regimen


def each(read: Callable[[list[Any]], T | None], rows: list[list[Any]] | None, unread: list[str]) -> list[T]:
    """Each row as it is understood; one that fails is named by its first words and left aside."""
    known = []
    for row in rows or ():
        try:
            said = read(row)
        except BROKEN as error:
            log.error("recorded fact unreadable", error=type(error).__name__)
            unread.append(f"“{row[0]}”")
            continue
        if said is not None:
            known.append(said)
    return known


def allergy(row: list[Any]) -> rules.RecordedAllergy | None:
    substance, kind, reaction, severity, noted_on, by = row
    if not substance or kind == "environment":
        return None
    intolerance = reading.is_intolerance(reaction or "", severity or "")
    return rules.RecordedAllergy(substance, intolerance, reaction or "", recorded(noted_on, by))


def recorded(noted_on: str | None, by: str | None) -> str:
    """When it was noted, and by whom: the year tells how long ago."""
    about = {"year": (noted_on or "")[:4], "name": by or ""}
    if noted_on and by:
        return _("recorded %(year)s by %(name)s", **about)
    if noted_on:
        return _("recorded %(year)s", **about)
    return _("recorded by %(name)s", **about) if by else ""


def medicine(row: list[Any], knowledge: Knowledge) -> RegimenDrug:
    """What is taken already, in whatever words it was written."""
    text, ingredient, directions = row
    names = reading.ingredients(ingredient or text, knowledge)
    return RegimenDrug(text, names, reading.route(text), CURRENT, rules.says_weekly(directions or text))


def a_day(written: str | None) -> date | None:
    """A recorded day; one that no calendar here holds is as good as none."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None
