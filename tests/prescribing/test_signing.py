"""A signature: one's own, with the password, over exactly this content."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from galen import patients, prescribing
from galen.core.context import Context
from galen.core.errors import Conflict, Forbidden
from galen.core.finish import finish
from galen.identity.models import Attempt
from galen.identity.service import WrongPassword
from galen.patients import AllergyDraft, Patient
from galen.prescribing import Override, Prescription, PrescriptionSigned, PrescriptionStatus, Reason, verify_signature
from galen.prescribing.schemas import OverrideDraft, PrescriptionCancelDraft
from galen.prescribing.service import expire, mark_dispensed, mark_returned
from galen.prescribing.service.drafting import NoDraft, OthersPrescription
from galen.prescribing.service.signing import AnswerNeeded, NotReady, SuppliedAlready
from galen.prescribing.service.supply import NotValid, NotYet

from .conftest import Write

PARACETAMOL = ("paracetamol 500 mg tablet", "2 tabs qid prn x5/7")


async def signed(ada: Context, write: Write, signature: Any, **more: Any) -> Prescription:
    rx = await write(PARACETAMOL, **more)
    await prescribing.sign(ada, rx.id, signature())
    await ada.flush()
    return rx


async def test_signing_seals_dates_and_announces(ada: Context, write: Write, signature) -> None:
    rx = await signed(ada, write, signature)
    assert (rx.status, rx.signer_name, rx.signed_at) == (PrescriptionStatus.SIGNED, "Dr Ada Okafor", ada.now)
    assert rx.valid_until == date(2027, 11, 20)
    assert len(rx.content_hash) == 64
    assert verify_signature(rx)
    assert PrescriptionSigned(rx.id, rx.patient_id) in ada.facts
    assert rx.by_whom["prescriber_number"] == "4123456"
    assert rx.for_whom["name"] == "QUILL, Mara"


@pytest.mark.parametrize(
    "kept",
    [
        "Put 1 tablet into both eyes 3 times a day for 5 days.",
        "Inhale 1 tablet once a day.",
        "Use 1 tablet into the nose at night.",
    ],
)
async def test_a_draft_that_puts_a_tablet_where_none_can_go_is_not_signed(
    ada: Context, write: Write, signature, kept: str
) -> None:
    rx = await write(PARACETAMOL)
    rx.lines[0].directions = kept  # as an earlier version let through
    with pytest.raises(NotReady, match="A tablet cannot be given"):
        await prescribing.sign(ada, rx.id, signature())
    assert (rx.status, rx.content_hash, rx.signed_at) == (PrescriptionStatus.DRAFT, "", None)


async def test_a_wrong_password_changes_nothing(ada: Context, write: Write, signature) -> None:
    rx = await write(PARACETAMOL)
    await finish(ada)
    with pytest.raises(WrongPassword):
        await prescribing.sign(ada, rx.id, signature("not-the-password"))
    assert not [record for record in ada.db.dirty if isinstance(record, Prescription) and ada.db.is_modified(record)]
    assert (rx.status, rx.signed_at, rx.content_hash) == (PrescriptionStatus.DRAFT, None, "")


async def test_wrong_passwords_are_counted_over_http_and_the_draft_stays(client, ada: Context, write: Write) -> None:
    rx = await write(PARACETAMOL)
    await finish(ada)
    http = await client("ada")
    answer = await http.put(f"/api/v1/prescriptions/{rx.id}/signature", json={"password": "wrong-password"})
    assert answer.status_code in (401, 403, 422), answer.text
    assert (await http.get(f"/api/v1/prescriptions/{rx.id}")).json()["status"] == "draft"
    assert await ada.db.scalar(select(func.count()).select_from(Attempt)) == 1


async def test_nobody_signs_anothers(ada: Context, eve: Context, write: Write, signature) -> None:
    rx = await write(PARACETAMOL)
    await ada.flush()
    with pytest.raises(OthersPrescription, match="Dr Ada Okafor"):
        await prescribing.sign(eve, rx.id, signature())


async def test_nobody_signs_twice(ada: Context, write: Write, signature) -> None:
    rx = await signed(ada, write, signature)
    with pytest.raises(NoDraft, match="signed"):
        await prescribing.sign(ada, rx.id, signature())


@pytest.mark.parametrize("who", ["nora", "ben", "ruth"])
async def test_only_those_who_may_sign(ada: Context, acting, write: Write, signature, who: str) -> None:
    rx = await write(PARACETAMOL)
    await ada.flush()
    with pytest.raises(Forbidden):
        await prescribing.sign(await acting(who), rx.id, signature())


async def test_a_warning_must_be_answered_and_the_answer_is_kept(
    ada: Context, write: Write, signature, mara: Patient
) -> None:
    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="penicillins", reaction="anaphylaxis"))
    await ada.flush()
    rx = await write(("amoxicillin 500 mg capsule", "1 cap tds x7/7"))
    await ada.flush()
    with pytest.raises(AnswerNeeded, match="needs an answer"):
        await prescribing.sign(ada, rx.id, signature())
    key = rx.report.interrupting[0].key
    answer = OverrideDraft(key=key, reason=Reason.DOUBTFUL, comment="Tested negative in 2024")
    await prescribing.sign(ada, rx.id, signature(overrides=[answer]))
    await ada.flush()
    kept = (await ada.db.scalars(select(Override).where(Override.prescription_id == rx.id))).one()
    assert (kept.key, kept.reason, kept.comment, kept.by_name) == (
        key, Reason.DOUBTFUL, "Tested negative in 2024", "Dr Ada Okafor",
    )  # fmt: skip
    assert verify_signature(rx)


async def test_a_medicine_nobody_could_check_is_acknowledged(
    ada: Context, write: Write, signature, mara: Patient
) -> None:
    from galen import medicines
    from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft

    strange = medicines.Product(
        generic="zzzyl", tall="zzzyl", strength="5 mg", form="tablet", route="oral", schedule_au="S4", price=Decimal(5),
        currency="AUD", pack_size=Decimal(30), unit="tablet", reorder_level=Decimal(0), sort="zzzyl",
    )  # fmt: skip
    ada.add(strange)
    await ada.flush()
    line = PrescriptionLineDraft(product_id=strange.id, directions="1 tab daily")
    rx = await prescribing.draft(ada, PrescriptionDraft(patient_id=mara.id, lines=[line]))
    await ada.flush()
    with pytest.raises(AnswerNeeded, match="was not checked"):
        await prescribing.sign(ada, rx.id, signature())
    answer = OverrideDraft(key="unknown:zzzyl 5 mg tablet", reason=Reason.ACKNOWLEDGED)
    await prescribing.sign(ada, rx.id, signature(overrides=[answer]))
    assert rx.overrides[0].severity == "unknown"


async def test_a_failed_check_is_visible_and_must_be_acknowledged(
    ada: Context, write: Write, signature, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no knowledge")

    monkeypatch.setattr("galen.safety.service.knowledge_of", broken)
    rx = await write(PARACETAMOL)
    await ada.flush()
    assert rx.report.failed
    with pytest.raises(AnswerNeeded, match="could not be done"):
        await prescribing.sign(ada, rx.id, signature())
    await prescribing.sign(ada, rx.id, signature(overrides=[OverrideDraft(key="failed", reason=Reason.ACKNOWLEDGED)]))
    assert rx.status is PrescriptionStatus.SIGNED


async def test_signed_content_is_sealed(ada: Context, write: Write, signature) -> None:
    rx = await signed(ada, write, signature)
    rx.lines[0].quantity = Decimal(500)
    with pytest.raises(Conflict, match="sealed"):
        await ada.flush()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE line SET quantity = quantity + 1 WHERE prescription_id = :id",
        "UPDATE line SET directions = 'Take 9 tablets.' WHERE prescription_id = :id",
        "UPDATE prescription SET valid_until = valid_until + 365 WHERE id = :id",
        "UPDATE prescription SET signer_name = 'Dr Who' WHERE id = :id",
        "UPDATE prescription SET content_hash = repeat('0', 64) WHERE id = :id",
        "UPDATE prescription SET signature = decode(repeat('00', 64), 'hex') WHERE id = :id",
        "UPDATE prescription SET for_whom = jsonb_set(for_whom, '{name}', '\"OTHER, Name\"') WHERE id = :id",
        "DELETE FROM line WHERE prescription_id = :id",
    ],
)
async def test_tampering_past_galen_breaks_the_seal(
    ada: Context, system: Context, write: Write, signature, tampering: str
) -> None:
    id = (await signed(ada, write, signature)).id
    ada.db.expunge_all()
    assert verify_signature(await prescribing.prescription(ada, id))
    await system.db.execute(text(tampering), {"id": id})
    ada.db.expunge_all()
    assert not verify_signature(await prescribing.prescription(ada, id))


async def test_what_stays_open_does_not_break_the_seal(ada: Context, write: Write, signature) -> None:
    rx = await signed(ada, write, signature)
    await mark_dispensed(ada, rx.id, complete=True)
    rx.printed += 1
    await ada.flush()
    ada.db.expunge_all()
    again = await prescribing.prescription(ada, rx.id)
    assert again.status is PrescriptionStatus.DISPENSED
    assert verify_signature(again)


async def test_a_signature_of_another_organisation_is_worth_nothing_here(ada: Context, write: Write, signature) -> None:
    from dataclasses import replace

    rx = await signed(ada, write, signature)
    ada.organization = replace(ada.organization, slug="south")
    assert not verify_signature(rx)


async def test_a_prescriber_without_a_number_cannot_sign(ada: Context, write: Write, signature) -> None:
    from galen import scheduling

    (await scheduling.practitioner_of_actor(ada)).prescriber_number = ""
    rx = await write(PARACETAMOL)
    with pytest.raises(NotReady, match="PBS prescriber number"):
        await prescribing.sign(ada, rx.id, signature())


async def test_a_controlled_medicine_is_valid_for_six_months_and_needs_an_address(
    ada: Context, write: Write, signature, tom: Patient
) -> None:
    morphine = ("morphine 10 mg tablet", "1 tab q12h x7/7")
    rx = await write(morphine, patient=tom)
    answers = [OverrideDraft(key=alert.key, reason=Reason.MONITORING) for alert in rx.report.interrupting]
    with pytest.raises(NotReady, match="address"):
        await prescribing.sign(ada, rx.id, signature(overrides=answers))
    tom_here = await ada.get(Patient, tom.id)
    tom_here.street, tom_here.suburb = "1 Hill Road", "Newport"
    await prescribing.sign(ada, rx.id, signature(overrides=answers))
    assert rx.lines[0].schedule == "S8"
    assert rx.valid_until == date(2027, 5, 20)


async def test_cancelling_names_a_reason_and_is_the_prescribers_own(
    ada: Context, eve: Context, write: Write, signature
) -> None:
    rx = await signed(ada, write, signature)
    with pytest.raises(Forbidden):
        await prescribing.cancel(eve, rx.id, PrescriptionCancelDraft(reason="Not mine"))
    await prescribing.cancel(ada, rx.id, PrescriptionCancelDraft(reason="Patient declined"))
    await ada.flush()
    assert (rx.status, rx.cancelled_because) == (PrescriptionStatus.CANCELLED, "Patient declined")
    assert verify_signature(rx)


async def test_what_was_supplied_is_not_cancelled_until_it_is_back(ada: Context, write: Write, signature) -> None:
    rx = await signed(ada, write, signature)
    await mark_dispensed(ada, rx.id, complete=False)
    assert rx.status is PrescriptionStatus.PARTLY_DISPENSED
    with pytest.raises(SuppliedAlready):
        await prescribing.cancel(ada, rx.id, PrescriptionCancelDraft(reason="Patient declined"))
    await mark_returned(ada, rx.id)
    await prescribing.cancel(ada, rx.id, PrescriptionCancelDraft(reason="Patient declined"))
    assert rx.status is PrescriptionStatus.CANCELLED


async def test_nothing_is_supplied_outside_its_days(ada: Context, write: Write, signature) -> None:
    rx = await signed(ada, write, signature, not_before=date(2026, 11, 25))
    with pytest.raises(NotYet, match="25 Nov 2026"):
        await mark_dispensed(ada, rx.id, complete=True)
    ada.now += timedelta(days=366)
    with pytest.raises(NotValid, match="20 Nov 2027"):
        await mark_dispensed(ada, rx.id, complete=True)


async def test_a_draft_is_never_dispensed(ada: Context, write: Write) -> None:
    rx = await write(PARACETAMOL)
    await ada.flush()
    with pytest.raises(Conflict, match="cannot become"):
        await mark_dispensed(ada, rx.id, complete=True)


async def test_what_is_no_longer_valid_expires_once(ada: Context, write: Write, signature) -> None:
    rx = await signed(ada, write, signature)
    assert await expire(ada) == 0
    ada.now += timedelta(days=366)
    assert await expire(ada) == 1
    await ada.flush()
    assert await expire(ada) == 0
    assert rx.status is PrescriptionStatus.EXPIRED


async def test_the_database_itself_refuses_a_signed_prescription_without_a_seal(
    ada: Context, system: Context, write: Write
) -> None:
    rx = await write(PARACETAMOL)
    await ada.flush()
    with pytest.raises(Exception, match="prescription_signed_check"):
        await system.db.execute(text("UPDATE prescription SET status = 'signed' WHERE id = :id"), {"id": rx.id})


async def test_a_warning_is_read_in_ones_own_language_and_kept_in_english(
    ada: Context, mara: Patient, write: Write, signature, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = "galen.safety.rules.words._"
    monkeypatch.setattr(spoken, lambda message, **values: f"¡{message % values if values else message}!")
    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="penicillins", reaction="anaphylaxis"))
    rx = await write(("amoxicillin 500 mg capsule", "1 cap tds x7/7"))
    assert rx.report is not None
    (alert,) = rx.report.interrupting
    assert alert.effect == "¡The recorded reaction may return: anaphylaxis to penicillins.!"
    assert "kept" not in alert.model_dump()
    answer = OverrideDraft(key=alert.key, reason=Reason.DOUBTFUL, comment="Skin test negative")
    await prescribing.sign(ada, rx.id, signature(overrides=[answer]))
    assert [override.effect for override in rx.overrides] == [
        "The recorded reaction may return: anaphylaxis to penicillins."
    ]
    assert verify_signature(rx)
