"""Going past an anaphylaxis or a contraindication needs a reason in one's own words, wherever it is said."""

from typing import Any

import pytest

from galen import patients, prescribing
from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.demo import PASSWORD
from galen.patients import AllergyDraft, Patient
from galen.prescribing import Prescription, PrescriptionStatus, Reason
from galen.prescribing.schemas import OverrideDraft

from .conftest import Write

AMOXICILLIN = ("amoxicillin 500 mg capsule", "1 cap tds x7/7")


@pytest.fixture
async def rx(ada: Context, write: Write, mara: Patient) -> Prescription:
    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="penicillin", reaction="anaphylaxis"))
    await ada.flush()
    rx = await write(AMOXICILLIN)
    await finish(ada)
    return rx


@pytest.mark.parametrize("reason", [Reason.BENEFIT, Reason.TOLERATED, Reason.DOUBTFUL])
@pytest.mark.parametrize("comment", ["", "   ", "ok", "--", "123"])
async def test_a_chosen_reason_alone_signs_nothing(
    ada: Context, rx: Prescription, signature, reason: Reason, comment: str
) -> None:
    key = rx.report.interrupting[0].key
    with pytest.raises(Invalid, match="in your own words") as refused:
        await prescribing.sign(
            ada, rx.id, signature(overrides=[OverrideDraft(key=key, reason=reason, comment=comment)])
        )
    assert refused.value.field == "overrides.0.comment" and "anaphylaxis to penicillin" in str(refused.value)
    assert rx.status is PrescriptionStatus.DRAFT


async def test_a_draft_keeps_no_such_answer_either(ada: Context, rx: Prescription, write: Write) -> None:
    key = rx.report.interrupting[0].key
    with pytest.raises(Invalid, match="in your own words"):
        await write(AMOXICILLIN, overrides=[OverrideDraft(key=key, reason=Reason.BENEFIT)])


async def test_over_the_interface_and_on_the_page_too(client: Any, rx: Prescription) -> None:
    key, path = rx.report.interrupting[0].key, f"/prescriptions/{rx.id}/signature"
    body = {"password": PASSWORD, "overrides": [{"key": key, "reason": "benefit"}]}
    answer = await (await client("ada")).put(f"/api/v1{path}", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "overrides.0.comment")
    page = await client("ada", page=True)
    form = {"password": PASSWORD, "meaning": "authorship", "overrides.0.key": key, "overrides.0.reason": "benefit"}
    refused = await page.put(path, data=form, headers={"hx-request": "true"})
    assert refused.status_code == 422 and 'id="error--overrides.0.comment"' in refused.text
    assert "Needed here, in your own words." in (await page.get(f"/prescriptions/{rx.id}")).text
    form["overrides.0.comment"] = "Skin test negative in March"
    assert (await page.put(path, data=form)).status_code == 303


async def test_a_major_warning_without_anaphylaxis_is_content_with_a_reason(
    ada: Context, write: Write, signature
) -> None:
    rx = await write(("warfarin 5 mg tablet", "1 tab daily x7/7"), ("ibuprofen 400 mg tablet", "1 tab tds x5/7"))
    await finish(ada)
    answers = [OverrideDraft(key=alert.key, reason=Reason.MONITORING) for alert in rx.report.interrupting]
    assert answers and not any(alert.comment_needed for alert in rx.report.interrupting)
    assert (await prescribing.sign(ada, rx.id, signature(overrides=answers))).status is PrescriptionStatus.SIGNED


async def test_what_changed_since_the_draft_is_asked_again_at_signing(
    ada: Context, write: Write, signature, mara: Patient
) -> None:
    allergy = await patients.add_allergy(ada, mara.id, AllergyDraft(substance="penicillin", reaction="rash"))
    await ada.flush()
    key = (await write(AMOXICILLIN)).report.interrupting[0].key
    answer = OverrideDraft(key=key, reason=Reason.DOUBTFUL, comment="A rash as a child")
    rx = await write(AMOXICILLIN, overrides=[answer])
    allergy.reaction = "anaphylaxis"
    await finish(ada)
    with pytest.raises(prescribing.service.signing.AnswerNeeded, match="anaphylaxis to penicillin"):
        await prescribing.sign(ada, rx.id, signature())
