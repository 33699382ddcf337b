"""What a person types stands in no address; what a page asks by itself keeps nobody awake; a time-out is said."""

from typing import Any

import pytest
from playwright.async_api import Page

from bench.journey import Journey, Staff
from tests.journey.people import browser_of
from tests.web.test_first_page import sign_in

pytestmark = pytest.mark.browser


async def watched(page: Page) -> tuple[list[str], list[Any]]:
    addresses: list[str] = []
    asked: list[Any] = []
    page.on("request", lambda request: (addresses.append(request.url), asked.append(request)))
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    return addresses, asked


async def test_a_filter_a_search_and_a_picker_find_without_an_address_that_names_anybody(
    live: str, chromium: str
) -> None:
    async with browser_of(chromium) as browser:
        page = await (await browser.new_context(base_url=live)).new_page()
        await sign_in(page, "ruth")
        addresses, _ = await watched(page)
        await page.goto("/patients")
        await page.locator("[data-filter]").fill("Quill")
        await page.get_by_text("QUILL").first.wait_for()
        await page.locator("#find").fill("Quill")
        await page.locator("#results [role=option]").first.wait_for()
        await page.locator("#find").press("Enter")
        await page.locator("#main .found a").first.wait_for()
        addresses += [
            page.url,
            await page.evaluate("location.href + document.referrer + JSON.stringify(history.state)"),
        ]
        assert len(addresses) > 5
        assert [address for address in addresses if "uill" in address] == []


async def test_a_list_that_is_read_anew_by_a_fact_says_that_nobody_asked(live: str, chromium: str) -> None:
    journey = Journey(await Staff.at(live))
    await journey.register()
    await journey.book()
    async with browser_of(chromium) as browser:
        page = await (await browser.new_context(base_url=live)).new_page()
        await sign_in(page, "nora")
        await page.goto("/queue")
        await page.wait_for_timeout(800)
        _, asked = await watched(page)
        async with page.expect_request(lambda request: request.url.endswith("/queue")) as refreshed:
            await journey.check_in()
        assert (await (await refreshed.value).all_headers())["x-unasked"] == "1"
        await page.goto("/patients")
        assert "x-unasked" not in await asked[-1].all_headers() or "/live" in asked[-1].url
        async with page.expect_request(lambda request: "hx-request" in request.headers) as typed:
            await page.locator("[data-filter]").fill("Quill")
        assert "x-unasked" not in await (await typed.value).all_headers()


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=str)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_sign_in_says_why_somebody_was_signed_out(live: str, chromium: str, size, theme) -> None:
    async with browser_of(chromium) as browser:
        context = await browser.new_context(base_url=live, viewport={"width": size[0], "height": size[1]})
        await context.add_cookies([{"name": "theme", "value": theme, "url": live}])
        page = await context.new_page()
        await page.goto("/login?next=/patients&said=idle")
        words = page.get_by_text("You were signed out after 30 minutes without use. Please sign in again.")
        box = await words.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= size[0] and box["y"] + box["height"] <= size[1]
