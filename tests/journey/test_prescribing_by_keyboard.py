"""A prescription written without a mouse: type-ahead, directions put into words, one key for the alternative."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

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
    await ada.presses("Tab")
    await page.keyboard.type("1 tab QD", delay=HANDS)
    understood = ada.part("What the patient reads")
    await expect(understood).to_contain_text("Take 1 tablet once a day.")
    await expect(understood).to_contain_text("it is read as qid")

    await page.get_by_role("button", name="Another medicine").focus()
    await ada.presses("Enter")
    await ada.finds(second.get_by_role("combobox", name="Medicine"), "ibuprofen 400", "ibuprofen 400 mg tablet")
    await ada.presses("Tab")
    await page.keyboard.type("1 tab tds cf x5/7", delay=HANDS)
    line = understood.locator(".line-read").nth(1)
    await expect(line.locator(".warning")).to_contain_text("bleeding")
    await expect(line).to_contain_text("Supply 15")

    await ada.presses("Escape")  # out of the field
    await ada.presses("1")
    medicine = second.get_by_role("combobox", name="Medicine")
    await expect(medicine).to_have_value(re.compile("^paracetamol 500.mg tablet"))
    await expect(second.get_by_label("Directions")).to_be_focused()
    assert ada.complaints == []
