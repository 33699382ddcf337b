"""A person at a glance: the banner above every page, the chart, and one story of all that happened (PAT-6)."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from uuid import UUID

from galen import identity
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import TimelineEntry
from galen.core.web import pages
from galen.i18n import formats
from galen.i18n import gettext as _

from ..allergens import mark_checked
from ..models import Allergy, Condition, Coverage, CurrentMedicine, Identifier, Immunisation, Patient
from ..rules import age_words
from ..schemas import CHANNELS, TELECOMS, BannerView, FlagView, StoryView
from .access import access_of
from .clinical import conditions, current_medicines, immunisations
from .identifiers import OF_PATIENTS, identifiers
from .payers import coverages

REACHED = ("name", "phone", "email", "address")


@dataclass
class Chart:
    """What the page of a patient shows of its own; other modules add their panels."""

    patient: Patient
    banner: BannerView
    today: date
    born_and_age: str
    address: str
    story: list[TimelineEntry]
    issuers: dict[str, str]  # who gives which kind of number in this country
    numbers: list[Identifier] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    accounts: list[identity.Account] = field(default_factory=list)
    clinical: bool = False
    allergies: list[Allergy] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    medicines: list[CurrentMedicine] = field(default_factory=list)
    immunisations: list[Immunisation] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The address of the chart, below which everything of this person lies."""
        return f"/patients/{self.patient.id}"

    @property
    def as_values(self) -> str:
        """This patient as what a button sends."""
        return json.dumps({"patient_id": str(self.patient.id)})

    @property
    def medicines_taken(self) -> list[CurrentMedicine]:
        return [medicine for medicine in self.medicines if not medicine.until or medicine.until > self.today]

    @property
    def medicines_stopped(self) -> list[CurrentMedicine]:
        return [medicine for medicine in self.medicines if medicine.until and medicine.until <= self.today]

    @property
    def conditions_lasting(self) -> list[Condition]:
        return [condition for condition in self.conditions if not condition.until]

    @property
    def conditions_over(self) -> list[Condition]:
        return [condition for condition in self.conditions if condition.until]

    @property
    def coverages_today(self) -> list[Coverage]:
        """Those that are valid today."""
        return [coverage for coverage in self.coverages if coverage.valid_on(self.today)]

    @property
    def numbers_by_issuer(self) -> list[tuple[str, Identifier]]:
        return [(self.issuers.get(number.kind, number.kind), number) for number in self.numbers]

    @property
    def foreign_language(self) -> str:
        """The code of the language for labels, unless they are in English."""
        return self.patient.language if self.patient.language != "en" else ""

    @property
    def titles(self) -> str:
        """What stands before and behind the name."""
        return " … ".join(filter(None, (self.patient.prefix, self.patient.suffix)))

    @property
    def further_ways(self) -> list[tuple[str, str]]:
        """Further numbers and addresses, each with its use."""
        return [
            (_(TELECOMS[point["system"]]), f"{point['value']} ({point['use']})" if point["use"] else point["value"])
            for point in self.patient.telecoms
        ]

    @property
    def contact_persons(self) -> list[tuple[str, str]]:
        """Whom to turn to: who it is, and how they are reached."""
        return [
            (person["relationship"] or _("Contact person"), ", ".join(filter(None, map(person.get, REACHED))))
            for person in self.patient.contact_persons
        ]

    @property
    def channels_allowed(self) -> list[str]:
        return self._channels(allowed=True)

    @property
    def channels_refused(self) -> list[str]:
        return self._channels(allowed=False)

    def _channels(self, *, allowed: bool) -> list[str]:
        return [_(name) for key, name in CHANNELS.items() if self.patient.contact.get(key) is allowed]


def birth_words(patient: Patient) -> str:
    return patient.birth.words if patient.birth else _("not known")


def age_of(ctx: Context, patient: Patient) -> str:
    """The age today, or at death."""
    day = patient.deceased_on or ctx.today
    if patient.birth is None or patient.birth.earliest > day:
        return _("age unknown")
    return age_words(patient.birth, day)


def address_of(ctx: Context, patient: Patient) -> str:
    """Street, town and state in one line; the country where it is another one."""
    town = " ".join(filter(None, (patient.suburb, patient.state, patient.postcode)))
    country = patient.country if patient.country != ctx.organization.country else ""
    return ", ".join(filter(None, (patient.street, town, country)))


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
        flags.append(FlagView(word=_("Died %(day)s", day=formats.day(patient.deceased_on)), tone="mute"))
    if patient.archived_at:
        flags.append(FlagView(word=_("Archived"), tone="mute"))
    masked = {number.kind: number.masked for number in numbers}
    issuers = OF_PATIENTS.get(ctx.organization.country, {})
    national = next((f"{issuer} {masked[kind]}" for kind, issuer in issuers.items() if kind in masked), "")
    return BannerView(
        id=patient.id,
        family=patient.family,
        given=patient.given,
        born=patient.born,
        born_words=birth_words(patient),
        age_words=age_of(ctx, patient),
        sex=patient.sex.value,
        number=patient.number,
        national_number=national,
        allergy_state=patient.allergy_state.value,
        allergies=[allergy for allergy in patient.allergies if allergy.active],
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
        today=ctx.today,
        born_and_age=f"{birth_words(patient)} ({age_of(ctx, patient)})",
        address=address_of(ctx, patient),
        story=(await entries(ctx, patient_id))[:15],
        issuers=OF_PATIENTS.get(ctx.organization.country, {}),
        numbers=numbers,
        coverages=await coverages(ctx, patient_id),
        accounts=await access_of(ctx, patient_id) if ctx.actor.may("patient.write") else [],
    )
    if ctx.actor.may("clinical.read"):
        shown.clinical = True
        shown.allergies = await mark_checked([allergy for allergy in patient.allergies if not allergy.struck])
        shown.conditions = await conditions(ctx, patient_id)
        shown.medicines = await current_medicines(ctx, patient_id)
        shown.immunisations = await immunisations(ctx, patient_id)
    return shown


@requires("patient.read")
async def timeline(ctx: Context, patient_id: UUID) -> StoryView:
    """Everything that happened to a person, from every module this actor may use, the latest first."""
    return StoryView(banner=await banner(ctx, patient_id), entries=await entries(ctx, patient_id))


async def entries(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    answers = await pages.gather(ctx, "timeline", patient_id=patient_id)
    lines: list[TimelineEntry] = [line for _route, part in answers for line in part]
    return sorted(lines, key=lambda line: line.at)[::-1]  # of one moment, what is told last came last


@requires("patient.read")
async def story(ctx: Context, patient_id: UUID) -> list[TimelineEntry]:
    """What this module knows of a person's past: registration, and for clinical eyes what was found and given."""
    patient = await ctx.get(Patient, patient_id)
    registered = entry(patient.registered_at, "user-plus", _("Registered"), patient.number)
    return [registered, *(await clinical_story(ctx, patient) if ctx.actor.may("clinical.read") else ())]


async def clinical_story(ctx: Context, patient: Patient) -> list[TimelineEntry]:
    lines = []
    for allergy in patient.allergies:
        if allergy.noted_on and not allergy.struck:
            at = moment(ctx, allergy.noted_on, allergy.recorded_at)
            lines.append(
                entry(at, "alert-octagon", _("Allergy: %(substance)s", substance=allergy.substance), allergy.reaction)
            )
    for condition in await conditions(ctx, patient.id):
        if condition.since:
            lines.append(entry(moment(ctx, condition.since, condition.recorded_at), "stethoscope", condition.text))
        if condition.until:
            lines.append(
                entry(moment(ctx, condition.until), "stethoscope", _("%(condition)s: over", condition=condition.text))
            )
    for medicine in await current_medicines(ctx, patient.id):
        if medicine.since:
            at = moment(ctx, medicine.since, medicine.recorded_at)
            lines.append(entry(at, "pill", _("Began %(medicine)s", medicine=medicine.text), medicine.directions))
        if medicine.until:
            at = moment(ctx, medicine.until)
            lines.append(
                entry(at, "pill-off", _("Stopped %(medicine)s", medicine=medicine.text), medicine.reason_stopped)
            )
    for immunisation in await immunisations(ctx, patient.id):
        if immunisation.given_on:
            at = moment(ctx, immunisation.given_on, immunisation.recorded_at)
            lines.append(
                entry(at, "vaccine", _("Immunised: %(vaccine)s", vaccine=immunisation.vaccine), immunisation.batch)
            )
    return lines


def moment(ctx: Context, day: date, recorded_at: datetime | None = None) -> datetime:
    """What was written down on its own day stands where it was; of all else only the day is known: its beginning."""
    if recorded_at and recorded_at.astimezone(ctx.zone).date() == day:
        return recorded_at
    try:
        return datetime.combine(day, time(), ctx.zone).astimezone(UTC)
    except OverflowError:  # the first day of the calendar has no earlier one to be in elsewhere
        return datetime.combine(day, time(), UTC)


def entry(at: datetime, icon: str, title: str, detail: str = "") -> TimelineEntry:
    return TimelineEntry(at=at, icon=icon, title=title, detail=detail)
