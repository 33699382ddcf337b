"""The till through the door: pages without script, paper, and the API; what is to be counted is not told before."""

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import pypdfium2
import pytest

from galen import billing
from galen.billing import ChargeLine, Drawer, DrawerDraft, Invoice
from galen.billing.service import paying
from galen.billing.service.tills import TillNotOpen
from galen.core.context import Context
from galen.core.finish import finish
from galen.patients import Patient
from tests.billing.test_charging import charged

D = Decimal
Open = Callable[..., Awaitable[Any]]


@pytest.fixture
async def drawer(ruth: Context, max: Context) -> Drawer:
    max.site = ruth.site
    return await billing.add_drawer(max, DrawerDraft(name="Front desk"))


@pytest.fixture
async def invoice(ruth: Context, mara: Patient) -> Invoice:
    made = await charged(ruth, mara, ChargeLine("Sunscreen", D(1), D("12.33"), "goods"))
    await finish(ruth)
    return made


def session_of(page: str) -> str:
    """The address of the till that a page is about."""
    found = re.search(r"/till/sessions/[0-9a-f-]{36}", page)
    assert found, page
    return found[0]


async def test_a_day_at_the_till_on_its_pages(client: Open, drawer: Drawer, invoice: Invoice) -> None:
    browser = await client("ruth", page=True)
    page = (await browser.get("/till/mine")).text
    assert "Front desk" in page and "Open my till" in page
    answer = await browser.post("/till/sessions", data={"drawer_id": str(drawer.id), "amount": "150"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/till/mine")
    page = (await browser.get("/till/mine")).text
    assert "The till at Front desk is open with $150.00." in page
    here = session_of(page)
    await browser.post(f"/billing/{invoice.id}/pay", data={"method": "cash", "tendered": "20"})
    moved = {"direction": "in", "purpose": "safe", "amount": "5", "reason": "More coins", "authority": "Max"}
    assert (await browser.post(f"{here}/movements", data=moved)).status_code == 303
    page = (await browser.get(here)).text
    assert "X report" in page and "More coins" in page and "$5.00 paid in." in page
    assert "167.35" not in page and "12.35" not in page and "Cash expected" not in page
    count = {
        "pieces.0.piece": "100",
        "pieces.0.number": "1",
        "pieces.1.piece": "50",
        "pieces.1.number": "",
        "other": "67",
    }
    assert (await browser.post(f"{here}/counts", data=count)).status_code == 303
    page = (await browser.get("/till/mine")).text
    assert "$167.35" in page and "$0.35 short" in page
    refused = await browser.post(f"{here}/closing", data={"amount": "150"})
    assert refused.status_code == 422 and "The till is 0.35 AUD short" in refused.text
    closing = {"amount": "150", "reason": "Wrong change"}
    answer = await browser.post(f"{here}/closing", data=closing)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    page = (await browser.get(here)).text
    assert "Z report 1" in page and "Wrong change" in page and "$17.00" in page
    again = await browser.post(f"{here}/closing", data=closing)
    assert again.status_code == 409 and "This till is closed already" in again.text
    assert "$150.00 left in" in (await browser.get("/till/mine")).text


@pytest.mark.parametrize("roll", ["", "?roll=true"])
async def test_the_report_prints_on_both_papers(client: Open, drawer: Drawer, roll: str) -> None:
    browser = await client("ruth", page=True)
    await browser.post("/till/sessions", data={"drawer_id": str(drawer.id), "amount": "150"})
    here = session_of((await browser.get("/till/mine")).text)
    assert "X report" in read((await browser.get(f"{here}/document{roll}")).content)
    await browser.post(f"{here}/counts", data={"pieces.0.piece": "50", "pieces.0.number": "3"})
    await browser.post(f"{here}/closing", data={})
    paper = read((await browser.get(f"{here}/document{roll}")).content)
    assert "Z report 1" in paper and "Cash counted" in paper and "$50.00 × 3" in paper


def read(paper: bytes) -> str:
    document = pypdfium2.PdfDocument(BytesIO(paper))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize(
    "said, complaint",
    [
        ({"amount": "150"}, "drawer_id"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "0.03"}, "amount"),
        ({"amount": "many"}, "amount"),
        ({"amount": ""}, "amount"),
    ],
)
async def test_a_float_that_cannot_be_names_its_field(
    client: Open, drawer: Drawer, said: dict[str, str], complaint: str
) -> None:
    browser = await client("ruth", page=True)
    given = said if complaint == "drawer_id" else {**said, "drawer_id": str(drawer.id)}
    answer = await browser.post("/till/sessions", data=given)
    assert answer.status_code == 422
    assert f"error--{complaint}" in answer.text or complaint in answer.text
    assert "Open my till" in (await browser.get("/till/mine")).text


@pytest.mark.parametrize(
    "said",
    [
        {"pieces.0.piece": "3", "pieces.0.number": "1"},
        {"pieces.0.piece": "50", "pieces.0.number": "-1"},
        {"pieces.0.piece": "50", "pieces.0.number": "1.5"},
        {"pieces.0.piece": "50", "pieces.0.number": "1", "pieces.1.piece": "50", "pieces.1.number": "2"},
        {"other": "0.03"},
        {"other": "-5"},
        {},
    ],
)
async def test_a_count_that_cannot_be_changes_nothing(client: Open, drawer: Drawer, said: dict[str, str]) -> None:
    browser = await client("ruth", page=True)
    await browser.post("/till/sessions", data={"drawer_id": str(drawer.id), "amount": "150"})
    here = session_of((await browser.get("/till/mine")).text)
    assert (await browser.post(f"{here}/counts", data=said)).status_code == 422
    assert "Send the count" in (await browser.get("/till/mine")).text


async def test_the_manager_sees_the_drawers_and_who_was_short(client: Open, drawer: Drawer) -> None:
    at_desk, office = await client("ruth", page=True), await client("max", page=True)
    assert "Front desk" in (await office.get("/drawers")).text
    await at_desk.post("/till/sessions", data={"drawer_id": str(drawer.id), "amount": "150"})
    page = (await office.get("/drawers")).text
    assert "Ruth Tanaka" in page and "Retire" not in page
    here = session_of(page)
    assert "Cash expected" in (await office.get(here)).text
    await at_desk.post(f"{here}/counts", data={"other": "149"})
    await at_desk.post(f"{here}/closing", data={"reason": "Wrong change"})
    page = (await office.get("/drawers")).text
    assert "Z 1" in page and "Over and short, by person" in page and "-$1.00" in page.replace("−", "-")
    assert (await at_desk.get("/drawers")).status_code == 403


async def test_pages_with_nothing_to_show_say_what_to_do(client: Open) -> None:
    assert "No drawer is free here" in (await (await client("ruth", page=True)).get("/till/mine")).text
    assert "No drawers yet" in (await (await client("max", page=True)).get("/drawers")).text


async def test_programs_do_the_same(client: Open, drawer: Drawer, invoice: Invoice) -> None:
    api = await client("ruth")
    opened = await api.post("/api/v1/till/sessions", json={"drawer_id": str(drawer.id), "amount": "100.00"})
    assert opened.status_code == 201, opened.text
    assert "cash" not in opened.json()
    here = f"/api/v1/till/sessions/{opened.json()['id']}"
    await api.post(f"/api/v1/billing/{invoice.id}/pay", json={"method": "cash", "tendered": "20"})
    x = (await api.get(here)).json()
    assert (x["expected"], x["cash_receipts"], x["lines"]) == (None, 1, [])
    foreign = {"direction": "in", "purpose": "safe", "amount": {"amount": "5", "currency": "USD"}}
    refused = await api.post(f"{here}/movements", json={**foreign, "reason": "More coins", "authority": "Max"})
    assert refused.status_code == 422
    assert (await api.post(f"{here}/counts", json={"other": "112.35"})).status_code == 201
    z = (await api.post(f"{here}/closing", json={})).json()
    assert (z["number"], z["expected"], z["difference"]) == (1, "112.3500", "0.0000") or z["difference"] in (
        "0.00",
        "0",
    )
    other = await client("ruth")
    assert (await other.post(f"{here}/closing", json={})).status_code == 409


async def test_the_same_word_from_the_database_reads_as_the_refusal(
    client: Open, drawer: Drawer, ruth: Context
) -> None:
    api = await client("max")
    taken = await api.post("/api/v1/drawers", json={"name": "Front desk"})
    assert taken.status_code == 409 and "There is a drawer of this name" in taken.text
    second = await api.post("/api/v1/drawers", json={"name": "Back office"})
    renamed = await api.put(f"/api/v1/drawers/{second.json()['id']}", json={"name": "Front desk"})
    assert renamed.status_code == 409 and "There is a drawer of this name" in renamed.text


@pytest.mark.parametrize("method", ["cash", "card"])
async def test_money_on_its_way_when_the_count_was_sent_is_refused_by_the_database(
    client: Open, drawer: Drawer, invoice: Invoice, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    api = await client("ruth")
    session = (await api.post("/api/v1/till/sessions", json={"drawer_id": str(drawer.id), "amount": "100"})).json()
    await api.post(f"/api/v1/till/sessions/{session['id']}/counts", json={"other": "100"})

    async def looked_before_the_count(*_: Any) -> Any:
        return UUID(session["id"])

    monkeypatch.setattr(paying, "till_for", looked_before_the_count)
    refused = await api.post(f"/api/v1/billing/{invoice.id}/pay", json={"method": method})
    assert (refused.status_code, refused.json()["detail"]) == (409, TillNotOpen.message)
    assert (await api.get(f"/api/v1/billing/{invoice.id}")).json()["status"] == "open"
    assert (await api.get(f"/api/v1/till/sessions/{session['id']}")).json()["expected"]["amount"] in ("100.00", "100")
