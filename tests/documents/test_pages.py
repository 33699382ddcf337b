"""Documents through the door: the form, the panel on the chart, and the same over JSON."""

from uuid import uuid4

import pytest

from galen import documents
from galen.core.finish import finish
from galen.documents import DocumentDraft, DocumentKind
from tests.files.conftest import PDF, picture, sent

FORM = {"kind": "result", "title": "Blood count"}


def file(content: bytes = PDF, name: str = "letter.pdf") -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, content, "application/x-whatever")}


async def test_a_chart_without_documents_offers_the_next_step(client, mara):
    page = await client("ada", page=True)
    chart = (await page.get(f"/patients/{mara.id}")).text
    assert "No documents yet" in chart and f'href="/patients/{mara.id}/documents/new"' in chart
    form = (await page.get(f"/patients/{mara.id}/documents/new")).text
    assert 'type="file"' in form and "at most 20 MB" in form and 'enctype="multipart/form-data"' in form


async def test_a_picture_is_added_by_a_form_and_seen_on_the_chart(client, mara):
    page = await client("ada", page=True)
    sent_off = await page.post(f"/patients/{mara.id}/documents", data=FORM, files=file(picture(), "wound.jpg"))
    assert (sent_off.status_code, sent_off.headers["location"]) == (303, f"/patients/{mara.id}")
    chart = (await page.get(f"/patients/{mara.id}")).text
    (listed,) = (await (await client("ada")).get(f"/api/v1/patients/{mara.id}/documents")).json()["current"]
    assert f'src="/patients/{mara.id}/documents/{listed["id"]}/preview"' in chart and "Blood count" in chart
    small = await page.get(f"/patients/{mara.id}/documents/{listed['id']}/preview")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp") and len(small.content) <= 30_000
    whole = await page.get(f"/patients/{mara.id}/documents/{listed['id']}/content")
    assert whole.content[:3] == b"\xff\xd8\xff" and int(whole.headers["content-length"]) == len(whole.content)
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_what_is_wrong_stands_beside_its_field(client, mara):
    page = await client("ada", page=True)
    path, partial = f"/patients/{mara.id}/documents", {"hx-request": "true"}
    refused = await page.post(path, data=FORM, files=file(b"MZ\x90", "letter.pdf"), headers=partial)
    assert refused.status_code == 422 and 'id="error--file"' in refused.text and "This is a program" in refused.text
    missing = await page.post(path, data={"title": "x"}, files=file(), headers=partial)
    assert missing.status_code == 422 and 'id="error--kind"' in missing.text
    none = await page.post(path, data=FORM, headers=partial)
    assert none.status_code == 422 and 'id="error--file"' in none.text


async def test_a_document_is_withdrawn_with_a_reason_and_restored(client, ada, mara):
    draft = DocumentDraft(file=sent(PDF, "x.pdf"), kind=DocumentKind.OTHER, title="A letter")
    document = await documents.add_document(ada, mara.id, draft)
    await finish(ada)
    page, path = await client("ada", page=True), f"/patients/{mara.id}/documents/{document.id}"
    assert "A letter" in (await page.get(f"{path}/withdrawal")).text
    no_reason = await page.put(f"{path}/withdrawal", data={"reason": ""}, headers={"hx-request": "true"})
    assert no_reason.status_code == 422 and 'id="error--reason"' in no_reason.text
    done = await page.put(f"{path}/withdrawal", data={"reason": "of somebody else"}, headers={"hx-request": "true"})
    assert done.headers["hx-redirect"] == f"/patients/{mara.id}"
    chart = (await page.get(f"/patients/{mara.id}/documents")).text
    assert "Withdrawn (1)" in chart and "of somebody else" in chart and "Restore" in chart
    assert (await page.delete(f"{path}/withdrawal", headers={"hx-request": "true"})).status_code == 200
    assert "Withdrawn (" not in (await page.get(f"/patients/{mara.id}/documents")).text


async def test_a_client_adds_and_reads_a_document(client, mara):
    doctor = await client("ada")
    path = f"/api/v1/patients/{mara.id}/documents"
    added = await doctor.post(path, data={**FORM, "dated": "2026-11-02"}, files=file())
    assert added.status_code == 201, added.text
    one = added.json()
    assert (one["file"], one["status"]) == (
        {"name": "letter.pdf", "kind": "application/pdf", "size": len(PDF)},
        "current",
    )
    assert (await doctor.get(f"{path}/{one['id']}")).json() == one
    content = await doctor.get(f"{path}/{one['id']}/content")
    assert (content.content, content.headers["content-type"]) == (PDF, "application/pdf")
    shared = await doctor.put(f"{path}/{one['id']}/release")
    assert shared.json()["shared"] is True
    assert (await doctor.delete(f"{path}/{one['id']}/release")).json()["shared"] is False
    gone = await doctor.put(f"{path}/{one['id']}/withdrawal", json={"reason": "a mistake"})
    assert (gone.json()["status"], gone.json()["withdrawn_reason"]) == ("withdrawn", "a mistake")
    refused = await doctor.post(path, data=FORM, files=file(b"\0\1"))
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "file"


async def test_the_same_key_with_another_file_is_another_request(client, mara):
    doctor, key = await client("ada"), {"idempotency-key": str(uuid4())}
    path = f"/api/v1/patients/{mara.id}/documents"
    first = await doctor.post(path, data=FORM, files=file(), headers=key)
    again = await doctor.post(path, data=FORM, files=file(), headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replay"] == "true"
    other = await doctor.post(path, data=FORM, files=file(PDF + b"another"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    assert len((await doctor.get(path)).json()["current"]) == 1


async def test_too_many_files_are_refused(client, mara):
    doctor = await client("ada")
    many = [("file", (f"{n}.pdf", PDF, "application/pdf")) for n in range(11)]
    refused = await doctor.post(f"/api/v1/patients/{mara.id}/documents", data=FORM, files=many)
    assert refused.status_code == 422 and "Too many files" in refused.json()["detail"]


@pytest.mark.parametrize("person", ["max_", "iris"])
async def test_who_has_no_business_with_documents_sees_none(client, mara, person):
    page = await client(person.rstrip("_"), page=True)
    assert "Documents" not in (await page.get(f"/patients/{mara.id}")).text
    assert (await page.get(f"/patients/{mara.id}/documents")).status_code == 403


async def test_the_description_of_the_interface_says_that_a_file_comes_as_a_form(application):
    described = application.openapi()["paths"]["/api/v1/patients/{patient_id}/documents"]["post"]
    schema = described["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["properties"]["file"]["contentMediaType"] == "application/octet-stream"
    assert schema["properties"]["kind"]["enum"][0] == "referral letter" and schema["required"] == ["file", "kind"]
