"""The editor, the sheet, the paper, the lists; and the same over JSON."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from galen import notifications, patients, prescribing
from galen.core.context import Context
from galen.core.finish import finish
from galen.patients import AllergyDraft, Patient

from .conftest import Write, product

PARACETAMOL = ("paracetamol 500 mg tablet", "2 tabs qid prn x5/7")
HX = {"hx-request": "true"}


@pytest.fixture
async def signed(ada: Context, write: Write, signature: Any) -> prescribing.Prescription:
    rx = await write(PARACETAMOL)
    await prescribing.sign(ada, rx.id, signature())
    await finish(ada)
    return rx


async def typed(client: Any, mara: Patient, *fields: tuple[str, str], target: str = "understood") -> str:
    page = await client("ada", page=True)
    data = {"patient_id": str(mara.id), **dict(fields)}
    answer = await page.post("/prescriptions/preview", data=data, headers={**HX, "hx-target": f"div#{target}"})
    assert answer.status_code == 200, answer.text
    return answer.text.replace("\u00a0", " ")


async def test_directions_are_put_into_words_as_they_are_typed(client, ada: Context, mara: Patient) -> None:
    id = str((await product(ada, "amoxicillin 500 mg capsule")).id)
    text = await typed(client, mara, ("lines.0.product_id", id), ("lines.0.directions", "1 cap tds x7/7"))
    assert "Take 1 capsule 3 times a day for 7 days." in text
    assert "21" in text and "<html" not in text


async def test_what_is_not_understood_is_said_while_typing(client, ada: Context, mara: Patient) -> None:
    id = str((await product(ada, "amoxicillin 500 mg capsule")).id)
    text = await typed(client, mara, ("lines.0.product_id", id), ("lines.0.directions", "1 cap tds zqx"))
    assert "“zqx”" in text


async def test_an_empty_line_breaks_nothing(client, mara: Patient) -> None:
    assert "Choose a medicine" in await typed(client, mara, ("lines.0.directions", "1 tab"))


async def test_an_alternative_is_taken_in_place_of_the_medicine_it_stands_for(
    client, ada: Context, mara: Patient
) -> None:
    ids = [str((await product(ada, name)).id) for name in ("warfarin 5 mg tablet", "ibuprofen 400 mg tablet")]
    lines = [(f"lines.{at}.product_id", id) for at, id in enumerate(ids)]
    lines += [("lines.0.directions", "1 tab daily"), ("lines.1.directions", "1 tab tds cc x5/7")]
    warned = await typed(client, mara, *lines)
    assert "bleeding" in warned and "overrides.0.reason" in warned
    assert "1:paracetamol" in warned and 'data-shortcut="1"' in warned
    other = await typed(client, mara, *lines, ("instead", "1:paracetamol"), target="editor")
    assert "paracetamol" in other and ids[0] in other and ids[1] not in other
    assert "paracetamol 500 mg tablet" in other.replace("\xa0", " ")  # by the same route, in the same form


async def test_an_earlier_medicine_is_picked_again(client, mara: Patient, signed: prescribing.Prescription) -> None:
    page = await client("ada", page=True)
    assert "Prescribed before" in (await page.get(f"/patients/{mara.id}/prescriptions/new")).text
    text = await typed(client, mara, ("again", str(signed.lines[0].id)), target="editor")
    assert "2 tabs qid prn x5/7" in text


async def test_from_the_editor_to_the_signed_sheet(client, ada: Context, mara: Patient) -> None:
    from galen.demo import PASSWORD

    page = await client("ada", page=True)
    assert "<b>QUILL</b>, Mara" in (await page.get(f"/patients/{mara.id}/prescriptions/new")).text
    id = str((await product(ada, "amoxicillin 500 mg capsule")).id)
    form = {"patient_id": str(mara.id), "lines.0.product_id": id, "lines.0.directions": "1 cap tds x7/7",
            "lines.0.quantity": "", "lines.0.substitution": "false"}  # fmt: skip
    kept = await page.post("/prescriptions", data=form)
    assert kept.status_code == 303, kept.text
    where = kept.headers["location"]
    draft = (await page.get(where)).text
    assert "Your password, once more" in draft and "brand substitution not permitted" in draft
    signed = await page.put(f"{where}/signature", data={"password": PASSWORD, "meaning": "authorship"}, headers=HX)
    assert signed.headers["hx-redirect"] == where, signed.text
    sheet = (await page.get(where)).text
    assert "Signed" in sheet and "holds" in sheet and "Your password" not in sheet
    assert where in (await page.get("/prescriptions?q=quill")).text
    assert where in (await page.get(f"/patients/{mara.id}")).text


async def test_the_draft_comes_back_into_the_editor(client, ada: Context, write: Write) -> None:
    rx = await write(PARACETAMOL)
    await finish(ada)
    text = (await (await client("ada", page=True)).get(f"/prescriptions/{rx.id}/edit")).text
    assert "2 tabs qid prn x5/7" in text and f'hx-put="/prescriptions/{rx.id}"' in text
    assert "as typed" not in text  # the quantity goes on following the directions


async def test_the_paper_is_a_pdf_and_says_duplicate_the_second_time(client, signed: prescribing.Prescription) -> None:
    from galen.prescribing.service.printing import facts

    http = await client("ada")
    first = await http.get(f"/api/v1/prescriptions/{signed.id}/print")
    assert (first.status_code, first.headers["content-type"], first.content[:5]) == (200, "application/pdf", b"%PDF-")
    second = await http.get(f"/api/v1/prescriptions/{signed.id}/print")
    assert len(second.content) != len(first.content)
    said = facts(await_context(signed), signed, None, duplicate=True)
    assert (said["stamp"], said["paper"]) == ("Duplicate", "a5")
    assert ["PBS prescriber number", "4123456"] in said["identities"]
    assert "QUILL" not in said["qr"]


def await_context(rx: prescribing.Prescription) -> Context:
    from sqlalchemy.orm import object_session

    session = object_session(rx)
    assert session
    return session.info["ctx"]


async def test_a_draft_is_not_printed(client, ada: Context, write: Write) -> None:
    rx = await write(PARACETAMOL)
    await finish(ada)
    answer = await (await client("ada")).get(f"/api/v1/prescriptions/{rx.id}/print")
    assert (answer.status_code, answer.json()["code"]) == (409, "prescription_not_signed")


async def test_the_message_to_the_patient_names_no_medicine(
    client, ada: Context, signed: prescribing.Prescription
) -> None:
    answer = await (await client("ada")).post(f"/api/v1/prescriptions/{signed.id}/email")
    assert answer.status_code == 200, answer.text
    message = (
        await ada.db.scalars(select(notifications.Message).where(notifications.Message.to == "mara@people.example"))
    ).one()
    assert signed.number in message.subject
    assert "paracetamol" not in message.subject + message.text


async def test_a_patient_reads_the_own_prescription_and_no_draft(
    client, ada: Context, write: Write, signed: prescribing.Prescription
) -> None:
    draft = await write(PARACETAMOL)
    await finish(ada)
    mara = await client("mara")
    assert (await mara.get(f"/api/v1/prescriptions/{signed.id}")).status_code == 200
    assert (await mara.get(f"/api/v1/prescriptions/{draft.id}")).status_code == 404
    assert [item["id"] for item in (await mara.get("/api/v1/prescriptions")).json()["items"]] == [str(signed.id)]


async def test_over_json_from_draft_to_signature(client, ada: Context, mara: Patient) -> None:
    from galen.demo import PASSWORD

    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="penicillins", reaction="anaphylaxis"))
    await finish(ada)
    http = await client("ada")
    lines = [
        {"product_id": str((await product(ada, name)).id), "directions": directions}
        for name, directions in (("amoxicillin 500 mg capsule", "1 cap tds x7/7"), PARACETAMOL)
    ]
    made = await http.post("/api/v1/prescriptions", json={"patient_id": str(mara.id), "lines": lines})
    assert made.status_code == 201, made.text
    rx = made.json()
    alerts = [alert for alert in rx["report"]["alerts"] if alert["tier"] == "interrupts"]
    assert alerts and rx["lines"][0]["quantity"] == "21"
    path = f"/api/v1/prescriptions/{rx['id']}/signature"
    refused = await http.put(path, json={"password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_needed")
    answers = [{"key": alert["key"], "reason": "benefit", "comment": "Skin test negative"} for alert in alerts]
    signed = await http.put(path, json={"password": PASSWORD, "overrides": answers})
    assert (signed.status_code, signed.json()["status"]) == (200, "signed"), signed.text
    assert signed.json()["overrides"][0]["reason"] == "benefit"


async def test_an_other_reason_must_be_said_in_words(client, mara: Patient, ada: Context) -> None:
    http = await client("ada")
    line = {"product_id": str((await product(ada, "paracetamol 500 mg tablet")).id), "directions": "2 tabs qid prn"}
    body = {"patient_id": str(mara.id), "lines": [line], "overrides": [{"key": "x", "reason": "other"}]}
    answer = await http.post("/api/v1/prescriptions", json=body)
    assert answer.status_code == 422 and "which other reason" in answer.json()["detail"]


async def test_the_search_box_finds_a_prescription_by_its_number(
    ada: Context, signed: prescribing.Prescription
) -> None:
    (found,) = await prescribing.find(ada, signed.number)
    assert found.href == f"/prescriptions/{signed.id}"
    assert await prescribing.find(ada, "quill") == []


async def test_the_visit_offers_to_prescribe_and_lists_what_was(
    client, ada: Context, write: Write, mara: Patient
) -> None:
    from galen import encounters

    visit = await encounters.start_visit(ada, encounters.VisitDraft(patient_id=mara.id))
    rx = await write(PARACETAMOL, visit_id=visit.id)
    await finish(ada)
    text = (await (await client("ada", page=True)).get(f"/visits/{visit.id}")).text
    assert f"/patients/{mara.id}/prescriptions/new?visit_id={visit.id}" in text
    assert rx.number in text and rx.lines[0].directions in text
    sheet = (await (await client("ada", page=True)).get(f"/prescriptions/{rx.id}")).text
    trail = sheet.partition('class="trail"')[2].partition("</nav>")[0]
    assert f'href="/visits/{visit.id}"' in trail and f'href="/patients/{mara.id}"' in trail


async def test_the_home_page_names_drafts_to_sign(client, ada: Context, write: Write) -> None:
    rx = await write(PARACETAMOL)
    await finish(ada)
    text = (await (await client("ada", page=True)).get("/")).text
    assert "Prescriptions to sign" in text and rx.number in text


async def test_a_question_stands_at_the_line_it_concerns_and_one_key_takes_the_alternative(
    client, ada: Context, mara: Patient
) -> None:
    names = ("ibuprofen 400 mg tablet", "amoxicillin 500 mg capsule", "warfarin 5 mg tablet")
    ids = [str((await product(ada, name)).id) for name in names]
    lines = [(f"lines.{at}.product_id", id) for at, id in enumerate(ids)]
    lines += [(f"lines.{at}.directions", sig) for at, sig in enumerate(("1 tab tds cc", "1 cap tds", "1 tab daily"))]
    text = await typed(client, mara, *lines)
    blocks = text.split("<hx-partial")[1:4]
    assert [block.count("Go on all the same") > 0 for block in blocks] == [False, False, True]
    assert 'accesskey="1"' in blocks[2] and "0:paracetamol" in blocks[2]


async def test_price_and_next_supply_are_on_the_face(client, ada: Context, mara: Patient) -> None:
    medicine = await product(ada, "amoxicillin 500 mg capsule")
    text = await typed(
        client, mara, ("lines.0.product_id", str(medicine.id)), ("lines.0.directions", "1 cap tds x7/7 rpt 1"),
        ("lines.0.repeats", "1"),
    )  # fmt: skip
    assert "per capsule" in text and re.search(r"Lasts 7 days; the next supply from \d+ \w+ \d{4}", text)


async def test_what_the_patient_had_before_comes_first_with_its_directions(
    client, mara: Patient, signed: prescribing.Prescription
) -> None:
    page = await client("ada", page=True)
    found = (await page.get(f"/patients/{mara.id}/prescriptions/choices?q=paracetamol")).text
    first = found.split('class="option"')[1]
    assert "before: 2 tabs qid prn x5/7" in first
    id = str(signed.lines[0].product_id)
    assert "Before: <kbd>2 tabs qid prn x5/7</kbd>" in await typed(client, mara, ("lines.0.product_id", id))


async def test_a_liquid_dose_of_a_capsule_is_refused_while_typing(client, ada: Context, mara: Patient) -> None:
    id = str((await product(ada, "amoxicillin 500 mg capsule")).id)
    text = await typed(client, mara, ("lines.0.product_id", id), ("lines.0.directions", "5 mL tds x5/7"))
    assert "does not fit" in text


async def test_other_programs_filter_prescriptions_as_the_page_does(
    client: Any, signed: prescribing.Prescription
) -> None:
    ada, eve = await client("ada"), await client("eve")

    async def found(program: Any, **asked: Any) -> list[str]:
        return [rx["id"] for rx in (await program.get("/api/v1/prescriptions", params=asked)).json()["items"]]

    assert await found(ada, q=signed.number) == await found(ada, mine=True, status="signed") == [str(signed.id)]
    assert await found(ada, q="nobody of this name") == await found(eve, mine=True) == []
