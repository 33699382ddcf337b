"""Stock is counted with a telephone in one hand: place after place, and nothing typed is lost."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.journey.people import Person, browser_of

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def ben(live: str, chromium: str) -> AsyncIterator[Person]:
    async with browser_of(chromium) as browser:
        person = await Person.at(browser, live, "ben", width=390)
        await person.page.set_viewport_size({"width": 390, "height": 844})
        yield person


async def fits(page: Page) -> bool:
    """Nothing of the page lies beside the screen."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_the_walk_on_a_telephone(ben: Person) -> None:
    page = ben.page
    await page.goto("/inventory/stocktakes/new")
    await page.get_by_role("button", name="Open the stocktake").click()
    await page.get_by_role("link", name="Count", exact=True).click()
    await expect(page.locator("main")).to_contain_text("0 of ")
    batch = page.locator(".counting .code")  # each batch of the list has a number of its own
    first = await batch.inner_text()
    packs, save = page.get_by_label("Packs"), page.get_by_role("button", name="Save, next place")
    for part in (packs, save):
        box = await part.bounding_box()
        assert box and box["height"] >= 44 and box["y"] + box["height"] <= 844
    assert await fits(page)
    await packs.fill("7")
    await page.reload()
    await expect(packs).to_have_value("7")
    await expect(batch).to_have_text(first)
    await packs.fill("")
    await save.click()
    await expect(page.locator("main")).to_contain_text("0 when nothing is there")
    await packs.fill("7")
    await page.get_by_label("Loose units").fill("0")
    await save.click()
    await expect(batch).not_to_have_text(first)
    await page.get_by_role("link", name="Back", exact=True).click()
    await expect(batch).to_have_text(first)
    await page.get_by_role("link", name="Next", exact=True).click()
    await page.get_by_role("link", name="Found something else").click()
    await expect(page.get_by_role("button", name="Add to the list")).to_be_visible()
    assert await fits(page)
    assert [said for said in ben.complaints if "422" not in said] == []  # an empty count was refused, as it should be
