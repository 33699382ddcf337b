"""A severe warning that somebody went past stays red, with who, when and why, until the medicine is handed over."""

from decimal import Decimal
from typing import Any

import pytest

from galen import dispensing, patients, prescribing
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.finish import finish
from galen.dispensing import CollectedBy, CollectionDraft, Counselling, Dispensing, SupplyDraft, VerificationDraft
from galen.dispensing.refusals import ChangedSince
from galen.dispensing.schemas import AnswerDraft
from galen.patients import AllergyDraft
from galen.prescribing import OverrideDraft, Reason

from .conftest import Pharmacy

AMOXICILLIN = "amoxicillin 250 mg capsule"


@pytest.fixture
async def past(pharmacy: Pharmacy, ada: Context) -> Dispensing:
    """Amoxicillin for somebody who had anaphylaxis: Ada went past it, in her own words."""
    draft = AllergyDraft(substance="penicillin", reaction="anaphylaxis", severity="severe")
    await patients.add_allergy(ada, pharmacy.mara.id, draft)
    product = await pharmacy.stocked(AMOXICILLIN, ("A", 100, 300))
    line = {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(15)}
    written = await prescribing.draft(
        ada,
        prescribing.PrescriptionDraft(patient_id=pharmacy.mara.id, lines=[prescribing.PrescriptionLineDraft(**line)]),
    )
    over = [
        OverrideDraft(key=a.key, reason=Reason.DOUBTFUL, comment="Skin test negative")
        for a in written.report.interrupting
    ]
    return await pharmacy.queued(line, overrides=tuple(over))


async def answered(ben: Context, record: Dispensing, comment: str = "Spoke to Dr Okafor") -> Dispensing:
    asked = (await dispensing.desk(ben, record.id)).needed
    answers = [AnswerDraft(key=question.key, reason="confirmed", comment=comment) for question in asked]
    return await dispensing.verify(ben, record.id, VerificationDraft(answers=answers))


@pytest.mark.parametrize("comment", ["", "  ", "ok", "...", "12345"])
async def test_a_pharmacist_too_writes_why_in_own_words(past: Dispensing, ben: Context, comment: str) -> None:
    with pytest.raises(Invalid, match="own words") as refused:
        await answered(ben, past, comment)
    assert refused.value.field == "answers.0.comment" and past.waiting


async def test_it_stays_red_from_verifying_to_hand_over(
    past: Dispensing, ben: Context, pharmacy: Pharmacy, client: Any
) -> None:
    await finish(ben)
    http, api, where = await client("ben", page=True), await client("ben"), f"/dispensing/{past.id}"
    row = (await api.get("/api/v1/dispensing")).json()["items"][0]
    assert row["severe"] == "contraindicated"
    keys = [
        question["key"] for question in (await api.get(f"/api/v1{where}")).json()["questions"] if question["needed"]
    ]
    said = [{"key": key, "reason": "confirmed", "comment": "Spoke to Dr Okafor"} for key in keys]
    verified = await api.post(f"/api/v1{where}/verification", json={"answers": said})
    assert verified.status_code == 201, verified.text
    for step, body in (("supply", {}), ("collection", {"collected_by": "patient", "counselling": "given"})):
        page = " ".join((await http.get(where)).text.split())
        assert 'class="warning warning-contraindicated"' in page and "anaphylaxis to penicillin" in page
        assert "<b>Answered</b> by Dr Ada Okafor" in page and "Skin test negative" in page
        assert "<b>Answered</b> by Ben Adeyemi" in page and "Spoke to Dr Okafor" in page
        assert "No interaction or allergy known" not in page
        assert "Contraindicated" in (await http.get("/dispensing")).text
        standing = (await api.get(f"/api/v1{where}")).json()["standing"]
        assert [(w["severity"], len(w["answers"])) for w in standing] == [("contraindicated", 2)]
        assert all(answer["at"] for answer in standing[0]["answers"])
        assert (await api.post(f"/api/v1{where}/{step}", json=body)).status_code == 201


async def test_what_becomes_known_after_verifying_sends_it_back(pharmacy: Pharmacy, ben: Context, ada: Context) -> None:
    product = await pharmacy.stocked(AMOXICILLIN, ("A", 100, 300))
    record = await pharmacy.verified({"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(15)})
    id = record.id
    await patients.add_allergy(ada, pharmacy.mara.id, AllergyDraft(substance="penicillin", reaction="anaphylaxis"))
    await finish(ada)
    async with pharmacy.refused(ben, ChangedSince, "anaphylaxis to penicillin"):
        await dispensing.dispense(ben, id, SupplyDraft())
    assert await pharmacy.on_hand(product) == 100
    assert (await dispensing.desk(ben, id)).to_verify
    await answered(ben, await ben.get(Dispensing, id))
    await dispensing.dispense(ben, id, SupplyDraft())
    assert await pharmacy.on_hand(product) == 85


async def test_once_handed_over_it_is_history(past: Dispensing, ben: Context) -> None:
    await answered(ben, past)
    await dispensing.dispense(ben, past.id, SupplyDraft())
    assert (await dispensing.desk(ben, past.id)).standing
    await dispensing.hand_over(
        ben, past.id, CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
    )
    assert (await dispensing.desk(ben, past.id)).answers


async def test_without_an_answer_nothing_is_verified(past: Dispensing, ben: Context) -> None:
    with pytest.raises(Conflict, match="need an answer"):
        await dispensing.verify(ben, past.id, VerificationDraft())
    assert past.waiting and past.answers == []
