"""A person at a glance: the banner above every page, the chart, and one story of all that happened (PAT-6)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID

from galen import identity
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import TimelineEntry
from galen.core.web import pages

from ..models import Allergy, AllergyStatus, Condition, Coverage, CurrentMedicine, Identifier, Immunisation, Patient
from ..rules import Birth, age_words
from ..schemas import CHANNELS, BannerView, FlagView, StoryView
from .access import access_of
from .clinical import conditions, current_medicines, immunisations
from .identifiers import OF_PATIENTS, identifiers
from .payers import coverages


@dataclass
class Chart:
    """What the page of a patient shows of its own; other modules add their panels."""

    patient: Patient
    banner: BannerView
    age: str
    born: str
    story: list[TimelineEntry]
    kinds: dict[str, str]
    channels: dict[str, str]
    numbers: list[Identifier] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    accounts: list[identity.Account] = field(default_factory=list)
    clinical: bool = False
    allergies: list[Allergy] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    medicines: list[CurrentMedicine] = field(default_factory=list)
    immunisations: list[Immunisation] = field(default_factory=list)


def birth_words(birth: Birth | None) -> str:
    """17 May 1980, May 1980 or 1980: never more exact than is known."""
    if birth is None:
        return "not known"
    return (
        f"{birth.earliest:%-d %b %Y}" if birth.exact else f"{birth.earliest:%b %Y}" if birth.month else str(birth.year)
    )


def age_of(ctx: Context, patient: Patient) -> str:
    """The age today, or at death."""
    if patient.birth is None:
        return "age unknown"
    day = patient.deceased_on or ctx.today
    return age_words(patient.birth, day) if patient.birth.earliest <= day else "age unknown"


async def banner(ctx: Context, patient_id: UUID) -> BannerView:
    """What stands above every page about a patient: opens the record."""
    patient = await ctx.get(Patient, patient_id)
    return banner_of(ctx, patient, await identifiers(ctx, patient_id) if ctx.actor.may("patient.read") else [])


@requires("patient.read")
async def heading(ctx: Context, patient_id: UUID) -> BannerView:
    """The banner for pages that have none of their own."""
    return await banner(ctx, patient_id)


def banner_of(ctx: Context, patient: Patient, numbers: list[Identifier]) -> BannerView:
    flags = []
    if patient.deceased_on:
        flags.append(FlagView(word=f"Died {patient.deceased_on:%-d %b %Y}", tone="mute"))
    if patient.archived_at:
        flags.append(FlagView(word="Archived", tone="mute"))
    kinds = OF_PATIENTS.get(ctx.organization.country, {})
    national = next((f"{kinds[n.kind]} {n.masked}" for kind in kinds for n in numbers if n.kind == kind), "")
    return BannerView(
        id=patient.id,
        family=patient.family,
        given=patient.given,
        born=patient.born,
        born_words=birth_words(patient.birth),
        age_words=age_of(ctx, patient),
        sex=patient.sex.value,
        number=patient.number,
        national_number=national,
        allergy_state=patient.allergy_state.value,
        allergies=[a for a in patient.allergies if a.status is AllergyStatus.ACTIVE],
        flags=flags,
    )


@requires("patient.read")
async def chart(ctx: Context, patient_id: UUID) -> Chart:
    """One person's page: who they are, what must be known, and what happened."""
    patient = await ctx.get(Patient, patient_id)
    numbers = await identifiers(ctx, patient_id)
    shown = Chart(
        patient=patient,
        banner=banner_of(ctx, patient, numbers),
        age=age_of(ctx, patient),
        born=birth_words(patient.birth),
        story=(await entries(ctx, patient_id))[:15],
        kinds=OF_PATIENTS.get(ctx.organization.country, {}),
        channels={str(key): word for key, word in CHANNELS.items()},
        numbers=numbers,
        coverages=await coverages(ctx, patient_id),
        accounts=await access_of(ctx, patient_id) if ctx.actor.may("patient.write") else [],
    )
    if ctx.actor.may("clinical.read"):
        shown.clinical = True
        shown.allergies = [a for a in patient.allergies if a.status is not AllergyStatus.ENTERED_IN_ERROR]
        shown.conditions = await conditions(ctx, patient_id)
        shown.medicines = await current_medicines(ctx, patient_id)
        shown.immunisations = await immunisations(ctx, patient_id)
    return shown


@requires("patient.read")
async def timeline(ctx: Context, patient_id: UUID) -> StoryView:
    """Everything that happened to a person, from every module this actor may use, the latest first."""
    return StoryView(banner=await banner(ctx, patient_id), entries=await entries(ctx, patient_id))


async def entries(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    told: list[TimelineEntry] = []
    for _, part in await pages.gather(ctx, "timeline", patient_id=patient_id):
        told += part
    return sorted(told, key=lambda entry: entry.at)[::-1]  # of one moment, what is told last came last


@requires("patient.read")
async def story(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """What this module knows of a person's past: registration, and for clinical eyes what was found and given."""
    patient = await ctx.get(Patient, patient_id)
    told = [TimelineEntry(at=patient.registered_at, icon="user-plus", title="Registered", detail=patient.number)]
    return told + await clinical_story(ctx, patient) if ctx.actor.may("clinical.read") else told


async def clinical_story(ctx: Context, patient: Patient) -> list[TimelineEntry]:
    told = []
    for allergy in patient.allergies:
        if allergy.noted_on and allergy.status is not AllergyStatus.ENTERED_IN_ERROR:
            at = moment(ctx, allergy.noted_on, allergy.recorded_at)
            told.append(entry(at, "alert-octagon", f"Allergy: {allergy.substance}", allergy.reaction))
    for condition in await conditions(ctx, patient.id):
        if condition.since:
            told.append(entry(moment(ctx, condition.since, condition.recorded_at), "stethoscope", condition.text))
        if condition.until:
            told.append(entry(moment(ctx, condition.until), "stethoscope", f"{condition.text}: over"))
    for medicine in await current_medicines(ctx, patient.id):
        if medicine.since:
            at = moment(ctx, medicine.since, medicine.recorded_at)
            told.append(entry(at, "pill", f"Began {medicine.text}", medicine.directions))
        if medicine.until:
            at = moment(ctx, medicine.until)
            told.append(entry(at, "pill-off", f"Stopped {medicine.text}", medicine.reason_stopped))
    for given in await immunisations(ctx, patient.id):
        if given.given_on:
            at = moment(ctx, given.given_on, given.recorded_at)
            told.append(entry(at, "vaccine", f"Immunised: {given.vaccine}", given.batch))
    return told


def moment(ctx: Context, day: date, recorded_at: datetime | None = None) -> datetime:
    """What was written down on its own day stands where it was; of all else only the day is known: its beginning."""
    if recorded_at and recorded_at.astimezone(ctx.zone).date() == day:
        return recorded_at
    return datetime.combine(day, time(), ctx.zone).astimezone(UTC)


def entry(at: datetime, icon: str, title: str, detail: str = "") -> TimelineEntry:
    return TimelineEntry(at=at, icon=icon, title=title, detail=detail)
