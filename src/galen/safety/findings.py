"""What modules above know of a patient and doses depend on: they lend safety a reader, safety asks every reader."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from galen.core.context import Context

from .rules import PersonFacts, Recorded


@dataclass(frozen=True, slots=True)
class Findings:
    """The last measurements (kg, cm, µmol/L) with their days, and diagnoses; None where nobody measured."""

    kg: Decimal | None = None
    kg_on: date | None = None
    cm: Decimal | None = None
    creatinine: Decimal | None = None
    creatinine_on: date | None = None
    diagnoses: tuple[tuple[str, str, date | None], ...] = ()  # words, ICD-10 code, day


Reader = Callable[[Context, UUID], Awaitable[Findings]]
READERS: list[Reader] = []


def finds(reader: Reader) -> Reader:
    """Lend safety what a module above has found out about a patient."""
    READERS.append(reader)
    return reader


async def found(ctx: Context, patient_id: UUID) -> list[Findings]:
    return [await reader(ctx, patient_id) for reader in READERS]


def person(
    born: date | None,
    female: bool | None,
    conditions: list[tuple[str, str, date | None]],
    findings: list[Findings],
    today: date,
) -> PersonFacts:
    """Everything known of the body, as rules look at it. The first reader that measured something is believed."""
    measured = next((f for f in findings if f.kg is not None or f.creatinine is not None), Findings())
    recorded = [*conditions, *(row for f in findings for row in f.diagnoses)]
    return PersonFacts(
        months=_months(born, today) if born and born <= today else None,
        female=female,
        kg=measured.kg,
        kg_days=_days(measured.kg_on, today) or 0,
        cm=measured.cm,
        creatinine=measured.creatinine,
        creatinine_days=_days(measured.creatinine_on, today) or 0,
        conditions=tuple(Recorded(text, code, _days(day, today)) for text, code, day in recorded),
    )


def _days(day: date | None, today: date) -> int | None:
    return None if day is None else (today - day).days


def _months(born: date, today: date) -> int:
    return (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
