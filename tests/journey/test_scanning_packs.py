"""The workstation by scanner and keys: a scan goes where scans go, right and wrong are told apart, few keys suffice."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.journey import MEDICINES, Staff
from galen.demo import PASSWORD
from tests.journey.people import HANDS, Person, browser_of, scan

pytestmark = pytest.mark.browser
AMOXICILLIN, PARACETAMOL = MEDICINES
WRONG = "amoxicillin 250 mg capsule"


@dataclass
class Counter:
    """Ben at the workstation, what he scans, and the keys that he pressed with his fingers."""

    ben: Person
    staff: Staff
    codes: dict[str, str]
    pressed: list[str]

    async def prescription(self) -> str:
        """Two lines for a new patient, signed and in the queue."""
        body = {"family": f"Scan{uuid4().hex[:6]}", "given": "Ann", "sex": "female", "born": "1980-02-03"}
        patient = await self.staff.ruth.post("/patients", {**body, "anyway": True})
        first, second = self.staff.medicines
        lines = [
            {"product_id": first, "directions": "1 cap tds pc x5/7"},
            {"product_id": second, "directions": "1 tab q6h prn max 4/24h", "days": 3},
        ]
        rx = await self.staff.ada.post("/prescriptions", {"patient_id": patient["id"], "lines": lines})
        await self.staff.ada.ask("PUT", f"/prescriptions/{rx['id']}/signature", {"password": PASSWORD})
        work = await self.staff.ben.post("/dispensing", {"prescription_id": rx["id"]})
        return f"/dispensing/{work['id']}"

    async def verified(self) -> str:
        where = await self.prescription()
        await self.staff.ben.post(f"{where}/verification")
        await self.ben.page.goto(where)
        return where

    async def scans(self, words: str) -> None:
        """As a keyboard wedge does: all at once, then Enter."""
        await scan(self.ben.page, self.codes[words])

    async def presses(self, *keys: str) -> None:
        self.pressed += keys
        await self.ben.presses(*keys)


@pytest_asyncio.fixture
async def counter(live: str, chromium: str) -> AsyncIterator[Counter]:
    staff = await Staff.at(live)
    codes = {}
    for words in (AMOXICILLIN, PARACETAMOL, WRONG):
        found = (await staff.ada.ask("GET", f"/drugs/search?q={words}"))[0]["id"]
        codes[words] = "01" + (await staff.ben.ask("GET", f"/medicines/{found}"))["barcodes"][0].zfill(14)
    async with browser_of(chromium) as browser:
        yield Counter(await Person.at(browser, live, "ben"), staff, codes, [])
    for desk in (staff.ruth, staff.ada, staff.ben, staff.kim):
        await desk.client.aclose()


async def test_right_and_wrong_are_said_at_the_line(counter: Counter) -> None:
    page = counter.ben.page
    await counter.verified()
    await page.evaluate("addEventListener('heard', e => document.body.dataset.tone = e.detail, true)")
    first, second = page.locator(".pack").nth(0), page.locator(".pack").nth(1)
    await counter.scans(AMOXICILLIN)
    await expect(first).to_contain_text("Confirmed")
    await expect(second).to_contain_text("To scan")
    await counter.scans(WRONG)
    await expect(first.get_by_role("alert")).to_contain_text("Wrong strength")
    await expect(page.get_by_role("button", name="Dispense: takes stock")).to_be_disabled()
    await counter.scans(AMOXICILLIN)
    await counter.scans(PARACETAMOL)
    await expect(page.get_by_text("2 of 2 lines confirmed")).to_be_visible()
    await expect(page.get_by_role("button", name="Dispense: takes stock")).to_be_enabled()
    assert counter.ben.complaints == []


@pytest.mark.parametrize("place", ["Find", "Remark", "Why", "Wakes on"])
async def test_a_scan_leaves_nothing_in_the_field_that_has_the_focus(counter: Counter, place: str) -> None:
    page = counter.ben.page
    await counter.verified()
    for summary in ("Not scanned: why", "Hold it"):
        await page.get_by_text(summary).first.click()
    if place == "Find":
        field = page.locator("#find")
    elif place == "Wakes on":
        field = page.get_by_label("Wakes on")
    else:
        field = page.locator(".pack").nth(1).get_by_label(place)
        if place == "Why":
            await page.locator(".pack").nth(1).get_by_text("Not scanned: why").click()
    if not await field.is_visible():
        await page.locator(".pack").nth(1).get_by_text("Not scanned: why").click()
    await field.focus()
    if place == "Remark":
        await page.keyboard.type("wet", delay=4 * HANDS)  # on a busy machine, too, no scanner
    before = await field.input_value()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    handle = await field.element_handle()
    await page.evaluate("box => { window.was = box }", handle)
    async with page.expect_response(lambda answer: answer.url.endswith("/packs")):
        await scan(page, counter.codes[AMOXICILLIN])
        assert await page.evaluate("() => window.was.value") == before
    await expect(page.locator(".pack").nth(0)).to_contain_text("Confirmed")
    assert [url for url in sent if not url.endswith("/packs")] == []
    assert await page.locator("#find").input_value() == ""


async def test_a_two_line_prescription_from_the_queue_to_the_label_in_at_most_eight_keys(counter: Counter) -> None:
    where, page = await counter.prescription(), counter.ben.page
    number = (await counter.staff.ben.ask("GET", where))["dispensing"]["number"]
    await page.goto("/dispensing")
    counter.codes["the ticket"] = number
    await counter.scans("the ticket")
    await page.wait_for_url(f"**{where}")
    await counter.presses("v")
    await expect(page.get_by_text("0 of 2 lines confirmed")).to_be_visible()
    await counter.scans(AMOXICILLIN)
    await expect(page.get_by_text("1 of 2 lines confirmed")).to_be_visible()
    await counter.scans(PARACETAMOL)
    await expect(page.get_by_text("2 of 2 lines confirmed")).to_be_visible()
    await counter.presses("d")
    await expect(page.locator("#action")).to_contain_text("Ready to collect")
    async with page.context.expect_page():
        await counter.presses("l")
    kept = await counter.staff.ben.ask("GET", where)
    assert kept["dispensing"]["status"] == "dispensed"
    assert len(counter.pressed) <= 8, counter.pressed
