"""A nurse measures somebody who waits; what is hard to believe is asked about and confirmed by keyboard."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.journey.people import HANDS, Person, browser_of

pytestmark = pytest.mark.browser


@dataclass
class Cast:
    """Who takes part."""

    nora: Person
    ada: Person


@pytest_asyncio.fixture
async def cast(live: str, chromium: str) -> AsyncIterator[Cast]:
    async with browser_of(chromium) as browser:
        yield Cast(await Person.at(browser, live, "nora"), await Person.at(browser, live, "ada"))


async def test_a_slip_is_asked_about_confirmed_and_stands_in_the_visit(cast: Cast) -> None:
    nora, page = cast.nora, cast.nora.page
    await nora.presses("/")
    await nora.finds(page.locator("#find"), "bright", "BRIGHT, Tom")
    await page.wait_for_url("**/patients/*-*")
    patient = nora.here()
    await page.goto(f"/queue/walk-in?patient_id={patient}")
    await page.get_by_role("button", name="Check in").focus()
    await nora.presses("Enter")
    await page.wait_for_url("**/ticket")
    await nora.room("Queue")
    row = page.get_by_role("row").filter(has_text="BRIGHT, Tom")
    await row.get_by_role("link", name="Measure").first.focus()
    await nora.presses("Enter")
    await page.wait_for_url(f"**/patients/{patient}/vitals/new")

    await page.get_by_label("Height").focus()
    await page.keyboard.type("68", delay=HANDS)
    await expect(page.locator("#doubts")).to_contain_text("Was it 68 in?")
    await nora.presses("Control+Enter")
    await expect(page.locator("#error--height")).to_contain_text("unusual for an adult")
    await page.get_by_label("68 cm is right").focus()
    await nora.presses("Space")
    await page.get_by_label("How you know").focus()
    await page.keyboard.type("Measured again, dwarfism", delay=HANDS)
    await nora.presses("Control+Enter")
    await expect(page.locator("#taken")).to_contain_text("confirmed by Nora Petrov")

    ada = cast.ada.page
    await ada.goto(f"/patients/{patient}")
    await ada.get_by_role("button", name="Start a visit").focus()
    await cast.ada.presses("Enter")
    await ada.wait_for_url("**/visits/*-*")
    await expect(ada.locator("#vitals")).to_contain_text("68 cm")
    assert [said for said in nora.complaints if "422" not in said] == []  # the question itself is an answer of 422
