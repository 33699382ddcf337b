"""A prescription written without a mouse: type-ahead, directions put into words, one key for the alternative."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from galen.demo import PASSWORD
from tests.journey.people import HANDS, Person, browser_of

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def ada(live: str, chromium: str) -> AsyncIterator[Person]:
    async with browser_of(chromium) as browser:
        yield await Person.at(browser, live, "ada")


async def test_an_alternative_is_taken_by_one_key(ada: Person) -> None:
    page = ada.page
    await ada.presses("/")
    await ada.finds(page.locator("#find"), "quill", "QUILL, Mara")
    await page.wait_for_url("**/patients/*-*")
    await page.goto(f"/patients/{ada.here()}/prescriptions/new")
    first, second = (page.locator(".repeat-row").nth(n) for n in (0, 1))
    await ada.finds(first.get_by_role("combobox", name="Medicine"), "warfarin 5", "warfarin 5 mg tablet")
    await expect(first.get_by_label("Directions")).to_be_focused()
    await page.keyboard.type("1 tab QD", delay=HANDS)
    read = page.get_by_role("group", name="What the patient reads")
    await expect(read.nth(0)).to_contain_text("Take 1 tablet once a day.")
    await expect(read.nth(0)).to_contain_text("it is read as qid")

    await ada.presses("Enter")  # behind the directions: the next medicine
    await expect(second.get_by_role("combobox", name="Medicine")).to_be_focused()
    await ada.finds(second.get_by_role("combobox", name="Medicine"), "ibuprofen 400", "ibuprofen 400 mg tablet")
    await page.keyboard.type("1 tab tds cf x5/7", delay=HANDS)
    await expect(read.nth(1).locator(".warning")).to_contain_text("bleeding")
    await expect(read.nth(1)).to_contain_text("Supply 15")
    await expect(read.nth(0).locator(".warning")).to_have_count(0)
    await expect(page.locator("#understood")).to_contain_text("1 question to answer")

    await ada.presses("Escape")  # out of the field
    await ada.presses("1")
    medicine = second.get_by_role("combobox", name="Medicine")
    await expect(medicine).to_have_value(re.compile("^paracetamol 500.mg tablet"))
    await expect(second.get_by_label("Directions")).to_be_focused()
    assert ada.complaints == []


async def test_two_lines_and_an_override_cost_few_keys(ada: Person) -> None:
    """From the chart to the signature: what is typed does not count, every other key does."""
    page = ada.page
    await page.goto("/patients?q=quill")
    await page.get_by_role("link", name="QUILL, Mara").first.click()
    await page.wait_for_url("**/patients/*-*")
    await page.locator("h1").click()
    pressed: list[str] = []

    async def press(key: str) -> None:
        pressed.append(key)
        await ada.presses(key)

    async def choose(words: str, option: str) -> None:
        await page.keyboard.type(words, delay=HANDS)
        offered = page.get_by_role("option", name=option).first
        await expect(offered).to_be_visible()
        while await offered.get_attribute("aria-selected") != "true":
            await press("ArrowDown")
        await press("Enter")

    await press("r")
    await page.wait_for_url("**/prescriptions/new**")
    await expect(page.locator("#main").get_by_role("combobox", name="Medicine").first).to_be_focused()
    await choose("warfarin 5", "warfarin 5 mg tablet")
    await page.keyboard.type("1 tab daily x5/7", delay=HANDS)
    await press("Enter")
    await choose("ibuprofen 400", "ibuprofen 400 mg tablet")
    await page.keyboard.type("1 tab tds cf x5/7", delay=HANDS)
    await expect(page.locator("#understood")).to_contain_text("1 question to answer")
    await press("Enter")
    await press("Enter")  # the empty line behind the last is taken back: on to the question
    await expect(page.get_by_label("Reason to go on")).to_be_focused()
    await press("ArrowDown")
    await expect(page.locator("#understood")).to_contain_text("nothing left to answer")
    await press("Enter")
    await press("Enter")
    await page.wait_for_url(re.compile(r"/prescriptions/[0-9a-f-]{36}$"))
    await expect(page.get_by_label("Your password, once more")).to_be_focused()
    await page.keyboard.type(PASSWORD, delay=HANDS)
    await press("Enter")
    await expect(page.locator("#action")).to_contain_text("Signed")
    assert len(pressed) <= 16, pressed
    assert ada.complaints == []
