"""The proof of the log is asked for on a page and done by the worker; the page says how far it is, and the end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from galen.compliance import proving
from galen.compliance.models import LogProof, ProofStatus
from galen.core.errors import Forbidden
from galen.settings import settings


@pytest.fixture(autouse=True)
def anchors(tmp_path, monkeypatch):
    monkeypatch.setattr(settings(), "var", tmp_path)


async def test_before_the_first_one_the_page_says_so_and_offers_it(client):
    browser = await client("iris", page=True)
    page = (await browser.get("/audit/proof")).text
    assert "Not verified yet" in page and 'hx-put="/audit/proof"' in page


async def test_it_is_asked_for_done_by_the_worker_and_shown(client, catch_up, iris):
    browser = await client("iris", page=True)
    assert (await browser.put("/audit/proof", headers={"hx-request": "true"})).headers["hx-redirect"] == "/audit/proof"
    page = (await browser.get("/audit/proof")).text
    assert "Rows verified" in page and "every 2s" in page and 'hx-put="/audit/proof"' not in page
    assert "compliance.prove_the_log" in await catch_up()
    page = (await browser.get("/audit/proof")).text
    assert "Every row is as it was sealed" in page and "Iris" in page
    proven = await iris.db.scalar(select(LogProof))
    assert (proven.status, proven.damages) == (ProofStatus.DONE, []) and proven.rows > 0


async def test_how_far_it_is_can_be_seen_before_it_ends(iris):
    await proving.verify(iris)
    for _ in range(3):
        await iris.raw.execute(proving.STEP)
    shown = await proving.proof(iris)
    assert shown.goes_on and shown.rows == 3 * proving.SLICE and shown.expected >= shown.rows


async def test_one_at_a_time_until_one_is_forgotten(iris):
    await proving.verify(iris)
    await proving.verify(iris)
    assert len(list(await iris.db.scalars(select(LogProof)))) == 1
    iris.now += proving.FORGOTTEN + timedelta(seconds=1)
    await proving.verify(iris)
    assert len(list(await iris.db.scalars(select(LogProof)))) == 2


async def test_a_client_gets_the_same_as_json(client, catch_up):
    api = await client("iris")
    assert (await api.get("/api/v1/audit/proof")).json()["status"] == "never"
    assert (await api.put("/api/v1/audit/proof")).json()["status"] == "asked"
    await catch_up()
    told = (await api.get("/api/v1/audit/proof")).json()
    assert (told["status"], told["damages"]) == ("done", []) and told["rows"] > 0


async def test_who_may_not_read_the_log_may_not_have_it_verified(ada):
    with pytest.raises(Forbidden):
        await proving.verify(ada)
