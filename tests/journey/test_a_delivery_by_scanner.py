"""A delivery with scanner and keyboard: two packs scanned, a third line typed, all of it received."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.journey import StaffClient
from tests.journey.people import Person, browser_of

pytestmark = pytest.mark.browser
FIRST, SECOND = "09300000000026", "09300000000033"
SCANNER = """code => [...code, "Enter"].forEach((key) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
"""Keys as quick as only a scanner types them, however slow the machine is."""


@dataclass
class Dock:
    """Ben's browser where the goods come in, and his supplier."""

    ben: Person
    supplier: str
    api: StaffClient


@pytest_asyncio.fixture
async def dock(live: str, chromium: str) -> AsyncIterator[Dock]:
    api = await StaffClient.of(live, "ben")
    for name, code in (("potassium citrate", FIRST), ("calcium carbonate", SECOND)):
        said = {
            "ingredients": [{"name": name, "strength": "319 mg"}],
            "form": "tablet",
            "pack_size": "30",
            "price": "8",
        }
        await api.post("/medicines", said | {"barcodes": [code]})
    supplier = await api.post("/suppliers", {"name": f"Wholesale {uuid4().hex[:6]}"})
    async with browser_of(chromium) as browser:
        yield Dock(await Person.at(browser, live, "ben"), supplier["name"], api)
    await api.client.aclose()


async def scans(person: Person, code: str) -> None:
    await person.page.evaluate(SCANNER, code)


async def test_two_packs_are_scanned_a_line_typed_and_all_received(dock: Dock) -> None:
    ben, page = dock.ben, dock.ben.page
    await page.goto("/deliveries")
    await ben.presses("n")
    await ben.finds(page.get_by_role("combobox", name="Supplier"), dock.supplier, dock.supplier)
    await page.get_by_label("Supplier's number").fill("LS-1")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("No line yet")).to_be_visible()
    paper = ben.here()

    rows, packs = page.get_by_role("table", name="Lines").locator("tbody tr"), page.get_by_label("Packs that came")
    await scans(ben, f"(01){FIRST}(17)280630(10)P1")
    await expect(packs).to_be_focused()
    await ben.types("12")  # counted, and Enter: it is written down
    await expect(rows.nth(0)).to_contain_text("12 packs")
    await scans(ben, f"(01){SECOND}(17)290131(10)C1")
    await expect(packs).to_be_focused()
    await scans(ben, f"(01){SECOND}(17)290131(10)C1")
    await expect(rows.nth(0)).to_contain_text("2 packs")
    await expect(page.get_by_label("Scan a pack")).to_have_value("")
    await ben.presses("Enter")  # nothing typed: it stays at what was scanned

    await expect(page.get_by_text("Type a line")).to_be_visible()
    await page.locator("h1").click()
    await ben.presses("l")
    await ben.finds(page.get_by_role("combobox", name="Medicine", exact=True), "warfarin 5", "warfarin 5 mg tablet")
    await expect(page.get_by_label("Packs", exact=False).first).to_be_focused()
    await ben.types("3")
    await page.get_by_label("Batch number").fill("W1")
    await page.get_by_label("Expires").fill("06/29")
    await page.keyboard.press("Control+Enter")
    await expect(rows).to_have_count(3)

    await page.get_by_role("button", name="Receive all of it").click()
    await expect(page.get_by_text("is on the shelf")).to_be_visible()
    booked = await dock.api.ask("GET", f"/deliveries/{paper}")
    came = [(line["number"], line["packs"], line["movement_id"] is not None) for line in booked["lines"]]
    assert (booked["status"], came) == ("received", [("P1", "12", True), ("C1", "2", True), ("W1", "3", True)])
    assert ben.complaints == []
