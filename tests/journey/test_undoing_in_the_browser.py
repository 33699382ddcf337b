"""A slip at the desk is taken back with one key; a booking begins with the next free time."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.journey.people import Person, browser_of

pytestmark = pytest.mark.browser
HERE = re.compile(r"/appointments/[0-9a-f-]{36}$")


@pytest_asyncio.fixture
async def ruth(live: str, chromium: str) -> AsyncIterator[Person]:
    async with browser_of(chromium) as browser:
        yield await Person.at(browser, live, "ruth")


def toast(ruth: Person, words: str) -> Locator:
    return ruth.page.locator(".toast-line", has_text=words)


async def book(ruth: Person, whom: str, name: str) -> str:
    """The next free time, from the booking page as it opens."""
    page = ruth.page
    await page.goto("/appointments/new")
    first = page.locator(".times label").first
    await expect(first).to_contain_text("Next free: ")
    await expect(first.get_by_role("radio")).to_be_checked()
    await expect(page.get_by_text("Book all the same")).to_have_count(0)
    await ruth.finds(page.get_by_role("combobox", name="Patient", exact=True), whom, name)
    await page.get_by_role("button", name="Book", exact=True).click()
    await page.wait_for_url(HERE)
    await expect(toast(ruth, "Booked for ")).to_be_visible()
    return page.url.rsplit("/", 1)[-1]


async def test_a_booking_that_was_a_slip_is_undone_by_its_key(ruth: Person) -> None:
    await book(ruth, "bright", "BRIGHT, Tom")
    await ruth.presses("z")
    await expect(toast(ruth, "The booking is undone.")).to_be_visible()
    await expect(ruth.page.locator("main")).to_contain_text("Cancelled")
    assert ruth.complaints == []


async def test_a_move_in_the_calendar_speaks_and_is_undone(ruth: Person) -> None:
    page = ruth.page
    appointment = await book(ruth, "bright", "BRIGHT, Tom")
    href = await page.get_by_role("link", name="Move").get_attribute("href")
    assert href
    await page.goto(f"/appointments/{appointment}")
    when = await page.locator(".facts dd").first.inner_text()
    await ruth.room("Calendar")
    card = page.locator(f"#appointment--{appointment}")
    if not await card.count():  # the next free time is on another day
        day = await page.locator("input[name=day]").get_attribute("value")
        await page.goto(f"/calendar?day={day}")
        await page.get_by_label("After").click()
    before = await card.locator("b").inner_text()
    await card.focus()
    await ruth.presses("m", "ArrowDown", "Enter")
    await expect(toast(ruth, "Moved to ")).to_be_visible()
    await expect(card.locator("b")).not_to_have_text(before)
    await ruth.presses("z")
    await expect(toast(ruth, "Undone: it is at ")).to_be_visible()
    await expect(card.locator("b")).to_have_text(before)
    await page.goto(f"/appointments/{appointment}")
    await expect(page.locator(".facts dd").first).to_have_text(when)
    assert ruth.complaints == []


async def test_a_drop_on_a_taken_time_says_why_not(ruth: Person) -> None:
    page = ruth.page
    first, second = await book(ruth, "bright", "BRIGHT, Tom"), await book(ruth, "quill", "QUILL, Mara")
    await ruth.room("Calendar")
    cards = [page.locator(f"#appointment--{id}") for id in (first, second)]
    if not await cards[0].count():
        await page.get_by_label("After").click()
    await expect(cards[1]).to_be_visible()
    before = await cards[0].locator("b").inner_text()
    await cards[0].hover()
    await page.mouse.down()
    await cards[1].hover()
    await page.mouse.up()
    await expect(toast(ruth, f"That time is taken. The appointment stays at {before}.")).to_be_visible()
    await expect(cards[0].locator("b")).to_have_text(before)
    assert ruth.complaints == []


async def test_left_is_undone_where_it_was_pressed(ruth: Person) -> None:
    page = ruth.page
    await page.goto("/queue/walk-in")
    await ruth.finds(page.get_by_role("combobox", name="Patient", exact=True), "quill", "QUILL, Mara")
    await page.get_by_role("button", name="Check in").click()
    await page.wait_for_url("**/ticket")
    await expect(page.locator(".on-screen")).to_contain_text("QUILL, Mara")
    number = await page.locator(".ticket-number").inner_text()
    await page.goto("/queue")
    row = page.get_by_role("table", name="Waiting").get_by_role("row", name=re.compile(number))
    await row.get_by_role("button", name="Left").click()
    await expect(toast(ruth, f"Number {number}: left.")).to_be_visible()
    await expect(row).to_have_count(0)
    await toast(ruth, "left.").get_by_role("button", name="Undo").click()
    await expect(toast(ruth, f"Undone: number {number} is waiting again.")).to_be_visible()
    await expect(row).to_be_visible()
    assert ruth.complaints == []
