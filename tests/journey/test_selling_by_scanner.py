"""The counter by scanner and keys: scan, scan, pay cash, done; and the next scan begins the next sale."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.journey import Staff
from tests.journey.people import HANDS, Person, browser_of, scan

pytestmark = pytest.mark.browser
CODE, PRICE = "4000000000006", "10.97"


@pytest_asyncio.fixture
async def ben(live: str, chromium: str) -> AsyncIterator[Person]:
    """Ben at the counter, with combs on the shelf."""
    staff = await Staff.at(live)
    if not await staff.ben.ask("GET", f"/medicines/options?q={CODE}"):
        comb = {"generic": f"Comb {uuid4().hex[:4]}", "pack_size": 1, "unit": "comb", "price": PRICE}
        made = await staff.ben.post("/medicines", {**comb, "tax_class": "goods", "barcodes": [CODE]})
        await staff.ben.post("/inventory/batches", {"product_id": made["id"], "number": "C1", "packs": 50})
    async with browser_of(chromium) as browser:
        yield await Person.at(browser, live, "ben", width=390)
    for desk in (staff.ruth, staff.ada, staff.ben, staff.kim):
        await desk.client.aclose()


async def test_scan_scan_pay_cash_done_and_the_next_customer(ben: Person) -> None:
    page = ben.page
    await page.goto("/counter/sale")
    await scan(page, CODE)
    await expect(page.locator(".pack")).to_contain_text("1 comb")
    await scan(page, CODE)
    await expect(page.locator(".pack")).to_contain_text("2 combs")
    await page.keyboard.press("c")
    await expect(page.get_by_label("Cash handed over").first).to_be_focused()
    await scan(page, CODE)  # a third one, while the hand is at the money
    await expect(page.locator(".pack")).to_contain_text("3 combs")
    await expect(page.get_by_label("Cash handed over").first).to_be_focused()
    await page.keyboard.type("50", delay=HANDS)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/counter/sale?done=**")
    await expect(page.locator("#basket")).to_contain_text("$17.10")
    await scan(page, CODE)
    await expect(page.locator(".pack")).to_contain_text("1 comb")
    await expect(page.locator("#basket")).not_to_contain_text("change to give")
    await page.keyboard.press("k")
    await expect(page.get_by_role("heading", name="is paid")).to_be_visible()
    assert ben.complaints == []
