"""Taking back what was just settled on the chart: an allergy, condition, medicine or immunisation struck or ended."""

from datetime import date
from enum import Enum
from typing import Literal
from uuid import UUID

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import View
from galen.core.undo import UndoDraft, opened, sealed
from galen.i18n import gettext as _

from ..events import PatientChanged
from ..models import Allergy, AllergyState, AllergyStatus, Condition, CurrentMedicine, Immunisation, Patient

Entry = Allergy | Condition | CurrentMedicine | Immunisation
Kind = Literal["allergies", "conditions", "medicines", "immunisations"]
KINDS: dict[str, type[Entry]] = {
    "allergies": Allergy,
    "conditions": Condition,
    "medicines": CurrentMedicine,
    "immunisations": Immunisation,
}


class EntryStanding(View):
    """How an entry stood: what settling it can change."""

    status: str | None = None
    until: date | None = None
    reason_stopped: str | None = None
    entered_in_error: bool | None = None


def standing(entry: Entry) -> EntryStanding:
    """How it stands now, before it is settled."""
    values = {name: getattr(entry, name) for name in EntryStanding.model_fields if hasattr(entry, name)}
    return EntryStanding(**{name: value.value if isinstance(value, Enum) else value for name, value in values.items()})


def tell(ctx: Context, entry: Entry, sentence: str, before: EntryStanding) -> None:
    """Say what was done, with the way back."""
    kind = next(word for word, model in KINDS.items() if isinstance(entry, model))
    back = sealed(ctx, entry, before)
    ctx.flash(sentence, "patients.undo_entry", back, patient_id=entry.patient_id, kind=kind, entry_id=entry.id)


@requires("clinical.write")
async def undo_entry(ctx: Context, patient_id: UUID, kind: Kind, entry_id: UUID, draft: UndoDraft) -> Patient:
    """The entry stands again as it stood, for whoever has just settled it."""
    patient = await ctx.get(Patient, patient_id, lock=True)
    entry = await ctx.get(KINDS[kind], entry_id, lock=True)
    before = opened(ctx, entry, EntryStanding, draft)
    for name in before.model_fields_set - {"status"}:
        setattr(entry, name, getattr(before, name))
    if isinstance(entry, Allergy):
        entry.status = AllergyStatus(before.status or entry.status)
        patient.allergy_state = AllergyState.KNOWN if entry.active else patient.allergy_state
    elif isinstance(entry, Immunisation):
        entry.status = before.status or entry.status
    ctx.emit(PatientChanged(patient.id))
    ctx.flash(_("Undone: it is on the record as before."))
    return patient
