"""What modules above know of a patient and doses depend on: they lend safety a reader, safety asks every reader."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from galen.core.context import Context
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.logs import log

from .growth import Usual, heaviest, usual
from .rules import BROKEN, PersonFacts, Recorded

IN_DOUBT = {"kg": N_("the weight %(value)s kg is in doubt"), "cm": N_("the height %(value)s cm is in doubt")}


@dataclass(frozen=True, slots=True)
class Findings:
    """The last measurements (kg, cm, µmol/L) with their days, and diagnoses; None where nobody measured."""

    kg: Decimal | None = None
    kg_on: date | None = None
    cm: Decimal | None = None
    creatinine: Decimal | None = None
    creatinine_on: date | None = None
    diagnoses: tuple[tuple[str, str, date | None], ...] = ()  # words, ICD-10 code, day
    doubted: tuple[str, ...] = ()  # measurements that nobody has confirmed, in words: no dose is reckoned with them
    unread: tuple[str, ...] = ()  # what could not be read, in words


Reader = Callable[[Context, UUID], Awaitable[Findings]]
READERS: list[Reader] = []


def finds(reader: Reader) -> Reader:
    """Lend safety what a module above has found out about a patient."""
    READERS.append(reader)
    return reader


async def found(ctx: Context, patient_id: UUID) -> list[Findings]:
    """What every reader tells; one that fails keeps the others from nothing, and is named."""
    told = []
    for reader in READERS:
        try:
            told.append(await reader(ctx, patient_id))
        except BROKEN as error:
            log.error("findings unreadable", reader=reader.__name__, error=type(error).__name__)
            told.append(Findings(unread=(_("what was measured and diagnosed could not be read"),)))
    return told


def vetted(told: Findings, born: date | None, female: bool | None, today: date) -> Findings:
    """What a stranger's system tells, without a child's weight or height that is not usual at that age."""
    days = (today - born).days if born and born <= today else None
    if days is None:
        return told
    odd = [_odd(told.kg, usual("weight", days, female), IN_DOUBT["kg"])]
    odd.append(_odd(told.cm, usual("height", days, female), IN_DOUBT["cm"]))
    kg, cm = (None if words else value for words, value in zip(odd, (told.kg, told.cm), strict=True))
    return replace(told, kg=kg, cm=cm, doubted=(*told.doubted, *filter(None, odd)))


def _odd(value: Decimal | None, expected: Usual | None, words: str) -> str:
    """That a value is in doubt, in words; nothing when it is usual."""
    if value is None or expected is None or expected.least <= value <= expected.most:
        return ""
    return _(words, value=f"{value.normalize():f}")


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
    age = (today - born).days if born and born <= today else None
    return PersonFacts(
        months=_months(born, today) if born and age is not None else None,
        female=female,
        kg=measured.kg,
        heaviest=None if age is None else heaviest(age, female),
        doubted=tuple(words for f in findings for words in f.doubted),
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
