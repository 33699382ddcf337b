"""The verbs of safety: one question, put to the knowledge by prescribers, pharmacists and other modules."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from galen.core.context import Context
from galen.core.database import RefusedByDatabase
from galen.core.errors import Conflict, NotFound, Refusal
from galen.core.gate import requires
from galen.logs import log
from galen.medicines import Product, find_medicines, of_code, products
from galen.patients import banner
from galen.values.search_key import search_key

from . import reading, rules
from .knowledge import Knowledge, RuleKind, Severity
from .known import CURRENT, known_of
from .memory import quieter
from .models import Place
from .rules import Circumstances, RegimenDrug, Tier
from .schemas import Alert, Checked, InteractionsDraft, SafetyReport, Subject, WarningAnswer
from .tables import knowledge_of

T = TypeVar("T")
Dose = Mapping[str, Any] | None


class Unanswered(Conflict):
    message = "This warning needs an answer first: {effect} Change the medicine, or give a reason to go on."


async def check(
    ctx: Context,
    patient_id: UUID | None,
    medicines: Sequence[Product],
    *,
    also: Iterable[str] = (),
    directions: Sequence[str] | Mapping[UUID, str] | None = None,
    doses: Sequence[Dose] | Mapping[UUID, Dose] | None = None,
    place: Place | None = None,
) -> SafetyReport:
    """These medicines (and others, by name) against each other and, for a patient, against allergies and what is taken.

    `directions` and `doses` (structured, as prescriptions keep them) are those of a medicine by its id, or of each in
    the order of `medicines`: a prescription may name one twice.
    A check that cannot be done says so (`failed`); it never looks like one that found nothing. With a `place`, what
    was answered there before (`remember`) is shown and not shouted again.
    """
    names = list(also)
    try:
        knowledge = await knowledge_of(ctx)
        said, dosed = in_order(medicines, directions), in_order(medicines, doses)
        regimen = [drug_of(*each) for each in zip(medicines, said, dosed, strict=True)]
        regimen += [written(name, knowledge) for name in names]
        circumstances = Circumstances(allergies=())
        if patient_id:
            circumstances, taken = await known_of(ctx, patient_id, knowledge)
            regimen += taken
        found = rules.check(regimen, circumstances, knowledge)
        anew = bool(medicines or names)
        report = report_of(found, for_patient=patient_id is not None, anew=anew, person=circumstances.person)
        return await quieter(ctx, patient_id, report, place) if patient_id and place else report
    except (Refusal, *RefusedByDatabase):
        raise
    except Exception as error:
        log.error("safety check failed", error=type(error).__name__)
        unchecked = [product.label for product in medicines] + names
        return SafetyReport(total=len(unchecked), unknown=unchecked, for_patient=patient_id is not None, failed=True)


def in_order(medicines: Sequence[Product], said: Sequence[T] | Mapping[UUID, T] | None) -> Sequence[T | None]:
    """What was said of each medicine; nothing where nothing was."""
    if isinstance(said, Sequence):
        return said
    by_id = said or {}
    return [by_id.get(product.id) for product in medicines]


def drug_of(product: Product, directions: str | None, dose: Dose = None) -> RegimenDrug:
    weekly = rules.says_weekly(directions) if directions else None
    dosing = None if dose is None else rules.dosing(dose, product.strength.split(" + "), product.unit)
    return RegimenDrug(product.label, product.holds, product.route or "oral", str(product.id), weekly, dosing)


def written(text: str, knowledge: Knowledge) -> RegimenDrug:
    return RegimenDrug(text, reading.ingredients(text, knowledge), reading.route(text), weekly=rules.says_weekly(text))


def report_of(
    found: rules.CheckResult, *, for_patient: bool, anew: bool, person: rules.PersonFacts | None = None
) -> SafetyReport:
    """The answer for people. What is taken already is warned about among itself only when nothing new was asked."""
    asked = (a for a in found.alerts if not anew or any(s.ref != CURRENT for s in a.subjects))
    return SafetyReport(
        alerts=[alert_of(alert) for alert in rules.together(asked, tier_of)],
        known=found.coverage.known,
        total=found.coverage.total,
        unknown=list(found.unknown),
        unchecked_allergies=list(found.unchecked_allergies),
        allergies_asked=for_patient and found.allergies_asked,
        for_patient=for_patient,
        version=found.knowledge,
        complete=found.complete and found.coverage.total > 0,
        unchecked=unchecked_of(found.unchecked),
        unread=list(dict.fromkeys(found.unread)),
        measure=list(person.to_measure) if person and anew else [],
    )


def unchecked_of(unchecked: Iterable[rules.Unchecked]) -> list[str]:
    """What could not be checked about medicines that are known, reason by reason; of what is taken already, nothing."""
    by_reason: dict[str, list[str]] = {}
    for drug, about in unchecked:
        if drug.ref != CURRENT:
            by_reason.setdefault(about, []).append(drug.name)
    return [f"{', '.join(dict.fromkeys(names))}: {about}" for about, names in by_reason.items()]


def tier_of(alert: rules.RuleAlert) -> Tier:
    """A repeat of what is taken already is shown and does not interrupt: most often the course goes on."""
    repeat = alert.kind is RuleKind.DUPLICATE and any(subject.ref == CURRENT for subject in alert.subjects)
    return Tier.SHOWS if repeat and alert.tier is Tier.INTERRUPTS else alert.tier


def alert_of(alert: rules.RuleAlert) -> Alert:
    """One alert for people. What may kill asks for more than a chosen reason to go on."""
    return Alert(
        key=alert.key,
        kind=alert.kind,
        severity=alert.severity,
        tier=tier_of(alert),
        rule=alert.rule,
        subjects=[
            Subject(
                name=s.name, product_id=UUID(s.ref) if s.ref not in ("", CURRENT) else None, current=s.ref == CURRENT
            )
            for s in alert.subjects
        ],
        ingredients=list(alert.ingredients),
        allergy=alert.allergy,
        mechanism=alert.mechanism,
        effect=alert.effect,
        kept=alert.kept,
        management=alert.management,
        source=alert.source,
        version=alert.knowledge,
        alternatives=list(alert.alternatives),
        fact=alert.fact,
        also=list(alert.also),
        history=alert.history,
        comment_needed=alert.severity is Severity.CONTRAINDICATED or alert.anaphylaxis,
    )


def unanswered(report: SafetyReport, overrides: Iterable[WarningAnswer]) -> list[Alert]:
    """The interrupting alerts to which nobody has given a reason."""
    answered = {override.key for override in overrides}
    return [alert for alert in report.interrupting if alert.key not in answered]


def refuse_unanswered(report: SafetyReport, overrides: Iterable[WarningAnswer]) -> None:
    """Refuse to go on while an interrupting alert has no coded reason."""
    for alert in unanswered(report, overrides):
        raise Unanswered(effect=alert.effect, key=alert.key)


@requires("safety.check")
async def interactions(ctx: Context, draft: InteractionsDraft) -> Checked:
    """Check medicines against each other and, when one is named, against a patient's allergies and medicines."""
    above = await banner(ctx, draft.patient_id) if draft.patient_id else None
    known, names, suggestions = await understood(ctx, draft.written)
    report = await check(ctx, draft.patient_id, known, also=names)
    written = "\n".join(draft.written)
    return Checked(**dict(report), suggestions=suggestions, banner=above, written=written)


async def understood(ctx: Context, lines: list[str]) -> tuple[list[Product], list[str], dict[str, list[str]]]:
    """Which products, which names, and what was perhaps meant where nobody knows the name."""
    knowledge = await knowledge_of(ctx)
    ids = [id for line in lines if (id := as_id(line))]
    by_id = await products(ctx, ids)
    found, names, meant = list(by_id.values()), [], {}
    for line in lines:
        if id := as_id(line):
            if id not in by_id:
                raise NotFound(thing="medicine")
        elif all(map(knowledge.ingredients, reading.ingredients(line, knowledge))):
            names.append(line)
        elif re.search(r"\d{4}", line) and (scanned := await of_code(ctx, line)):
            found.append(scanned)
        else:
            near = await find_medicines(ctx, line, 10)
            branded = (product for product in near if product.brand)
            own = next((product for product in branded if search_key(line).startswith(search_key(product.brand))), None)
            if own and own.holds:
                found.append(own)
            else:
                names.append(line)
                meant[line] = list(dict.fromkeys(product.generic for product in near))[:3]
    return found, names, meant


def as_id(line: str) -> UUID | None:
    try:
        return UUID(line) if len(line) == 36 else None
    except ValueError:
        return None
