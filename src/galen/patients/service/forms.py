"""The pages on which something about a patient is written down: who it is about, and what stands there now."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.record import Record
from galen.i18n import N_
from galen.i18n import gettext as _

from ..models import Coverage, CurrentMedicine, Patient
from ..schemas import TELECOMS, BannerView, Channel, ContactPerson, CoverageDraft, Telecom
from .chart import banner
from .clinical import of_patient
from .identifiers import OF_PATIENTS, identifiers

MAY_BE_USED: dict[Channel, str] = {
    "phone": N_("Telephone may be used"),
    "sms": N_("Text message may be used"),
    "email": N_("E-mail may be used"),
    "post": N_("Post may be used"),
}
NUMBERS = {"medicare": N_("Medicare number"), "ihi": N_("IHI")}  # those that registration asks for
NOBODY: dict[str, Any] = {
    "family": "",
    "given": "",
    "preferred": "",
    "former": "",
    "prefix": "",
    "suffix": "",
    "gender": "",
    "born": "",
    "sex": "unknown",
    "phone": "",
    "email": "",
    "street": "",
    "suburb": "",
    "state": "",
    "postcode": "",
    "language": "en",
    "label_large": False,
    "country": "",
    "telecoms": [],
    "contact_persons": [],
}


@dataclass(frozen=True)
class PatientForm:
    """A form about a patient; `record` is what it changes, `kinds` the identifiers of this country."""

    banner: BannerView
    kinds: list[tuple[str, str]]
    record: Record | None = None

    @property
    def coverage(self) -> Coverage | CoverageDraft:
        """The coverage that is changed, or an empty one."""
        if self.record is None:
            return CoverageDraft.model_construct(payer="", member="")
        return cast(Coverage, self.record)


@dataclass(frozen=True)
class PersonForm:
    """What is written down about a person, as it stands; empty for somebody new."""

    values: dict[str, Any]
    channels: list[tuple[str, str, str]]  # of each: its key, the question, and the answer so far
    numbers: list[tuple[str, str, str]]  # of each: its kind, its name, and what is on record
    banner: BannerView | None = None
    record: Patient | None = None

    def contact_person(self, place: int) -> dict[str, str]:
        """The person to turn to in this row of the form; empty in a new row."""
        listed = self.values["contact_persons"]
        return listed[place] if place < len(listed) else ContactPerson().model_dump()

    def telecom(self, place: int) -> dict[str, str]:
        """The further number or address in this row of the form."""
        listed = self.values["telecoms"]
        return listed[place] if place < len(listed) else Telecom().model_dump()

    @property
    def telecom_systems(self) -> list[tuple[str, str]]:
        """The kinds of further numbers and addresses."""
        return [(key, _(name)) for key, name in TELECOMS.items()]


@requires("patient.write")
async def new_patient(ctx: Context) -> PersonForm:
    """An empty form for somebody new."""
    return PersonForm(NOBODY, channels_asked({}), numbers_asked(ctx, {}))


@requires("patient.write")
async def edit_form(ctx: Context, patient_id: UUID) -> PersonForm:
    """What is known of a person, to be changed."""
    shown, patient = await banner(ctx, patient_id), await ctx.get(Patient, patient_id)
    values = {name: getattr(patient, name) for name in NOBODY}
    values |= {"born": patient.birth or "", "sex": patient.sex.value, "language": patient.language or "en"}
    masked = {identifier.kind: identifier.masked for identifier in await identifiers(ctx, patient_id)}
    return PersonForm(values, channels_asked(patient.contact), numbers_asked(ctx, masked), shown, patient)


def channels_asked(contact: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each channel with its question, answered as far as the person was asked."""
    answers = {True: "true", False: "false", None: ""}
    return [(channel, _(question), answers[contact.get(channel)]) for channel, question in MAY_BE_USED.items()]


def numbers_asked(ctx: Context, masked: dict[str, str]) -> list[tuple[str, str, str]]:
    """The numbers that are written down with the person in this country."""

    def hint(kind: str) -> str:
        return _("On record: %(number)s. Left empty, it stays.", number=masked[kind]) if kind in masked else ""

    here = OF_PATIENTS.get(ctx.organization.country, {})
    return [(kind, _(name), hint(kind)) for kind, name in NUMBERS.items() if kind in here]


async def form_about(ctx: Context, patient_id: UUID, record: Record | None = None) -> PatientForm:
    kinds = OF_PATIENTS.get(ctx.organization.country, {})
    return PatientForm(await banner(ctx, patient_id), list(kinds.items()), record)


@requires("clinical.write")
async def clinical_form(ctx: Context, patient_id: UUID) -> PatientForm:
    """An empty form for what must be known before treating."""
    return await form_about(ctx, patient_id)


@requires("clinical.write")
async def stop_form(ctx: Context, patient_id: UUID, medicine_id: UUID) -> PatientForm:
    """Why and when the person stopped a medicine."""
    medicine = await of_patient(ctx, CurrentMedicine, patient_id, medicine_id, lock=False)
    return await form_about(ctx, patient_id, medicine)


@requires("patient.write")
async def record_form(ctx: Context, patient_id: UUID) -> PatientForm:
    """An empty form for the record."""
    return await form_about(ctx, patient_id)


@requires("patient.write")
async def coverage_form(ctx: Context, patient_id: UUID, coverage_id: UUID) -> PatientForm:
    """A coverage as it stands."""
    coverage = await of_patient(ctx, Coverage, patient_id, coverage_id, lock=False)
    return await form_about(ctx, patient_id, coverage)
