"""One id goes through everything: the answer's header, the log entry, the audit rows."""

import httpx2
import pytest
from sqlalchemy import text


async def audited(database, request_id):
    rows = await database.one.execute(
        text("SELECT count(*) FROM audit_entry WHERE request_id = CAST(:id AS uuid)"), {"id": request_id}
    )
    return rows.scalar()


async def test_the_id_in_the_answer_is_that_of_the_audit_row(client, database, mara):
    ada = await client("ada")
    answer = await ada.get(f"/api/v1/patients/{mara.id}")
    assert answer.status_code == 200
    assert await audited(database, answer.headers["x-request-id"]) > 0


async def test_a_refusal_is_found_by_its_id_too(client, database, mara):
    ben = await client("ben")
    answer = await ben.delete(f"/api/v1/patients/{mara.id}")
    assert answer.status_code in (403, 405)
    answer = await ben.put(f"/api/v1/patients/{mara.id}", json={"family": "Quill"})
    assert answer.status_code == 403
    assert await audited(database, answer.headers["x-request-id"]) == 1


async def test_two_requests_have_two_ids(client):
    nobody = await client()
    ids = {(await nobody.get("/health/live")).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize("path", ["/api/v1/patients", "/patients"])
async def test_an_answer_about_our_own_failure_has_its_id_and_every_safety_header(
    application, services, client, monkeypatch, path
):
    ada = await client("ada", page=not path.startswith("/api"))

    def broken(*_):
        raise RuntimeError("Mara Quill")

    monkeypatch.setattr(type(services), "organization", broken)
    transport = httpx2.ASGITransport(application, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://galen.test", headers=ada.headers) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 500
    assert len(answer.headers["x-request-id"]) == 36
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Quill" not in answer.text
