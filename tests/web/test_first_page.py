"""The first page arrives small, and no page moves while it loads: measured by a browser that has seen nothing yet."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bench.journey import Journey, Staff
from tests.journey.people import PASSWORD, browser_of

pytestmark = pytest.mark.browser
MOST = 300_000  # bytes over the wire, from the sign-in to a home that stands
STILL = 0.01
SCREENS = [(1366, 768), (390, 844)]
WALKED = {
    "ruth": ["/", "/queue"],
    "ada": ["/", "/patients/{patient}"],
    "ben": ["/", "/dispensing"],
    "max": ["/"],
}
SLOW = {"offline": False, "latency": 20, "downloadThroughput": 10_000, "uploadThroughput": 60_000}  # bytes/s
SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    const moved = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        sum += entry.value;
        moved.push(...entry.sources.map(({ node, previousRect: a, currentRect: b }) =>
            `${node?.className || node?.nodeName}: ${a.x},${a.y},${a.height} to ${b.x},${b.y},${b.height}`));
    })).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done([sum, moved]), 800);
})"""
BARE = """() => [...document.querySelectorAll(".ti")].filter((icon) => {
    const { maskImage, width, height, display } = getComputedStyle(icon);
    return display !== "none" && (!maskImage.startsWith('url("data:image/svg+xml') || width !== height);
}).map((icon) => icon.className)"""


@pytest_asyncio.fixture(scope="module")
async def patient(live: str) -> str:
    """Somebody who waits, so that chart and queue have something to show."""
    journey = Journey(await Staff.at(live))
    await journey.register()
    await journey.book()
    await journey.check_in()
    return str(journey.records["patient"]["id"])


@pytest_asyncio.fixture(scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with browser_of(chromium) as one:
        yield one


async def sign_in(page: Page, username: str) -> None:
    await page.goto("/login")
    await page.get_by_label("Organisation").select_option("north")
    await page.get_by_label("User name").fill(username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("/")
    await page.wait_for_timeout(1500)  # for what comes after the page: charts


@pytest.mark.parametrize("username", ["ruth", "ada", "ben", "max", "iris", "mara"])
async def test_from_the_sign_in_to_a_home_that_stands(live: str, browser: Browser, username: str) -> None:
    context = await browser.new_context(base_url=live)
    page = await context.new_page()
    wire = await context.new_cdp_session(page)
    await wire.send("Network.enable")
    names: dict[str, str] = {}
    came: dict[str, int] = {}

    def finished(event: dict[str, Any]) -> None:
        came[event["requestId"]] = int(event["encodedDataLength"])

    wire.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))
    wire.on("Network.loadingFinished", finished)
    await sign_in(page, username)
    each = sorted(((size, names.get(one, one).removeprefix(live)) for one, size in came.items()), reverse=True)
    total = sum(came.values())
    assert len(each) > 10, "or nothing was measured"
    assert total <= MOST, f"{total} bytes; the largest: {each[:6]}"
    await context.close()


@pytest.mark.parametrize(("width", "height"), SCREENS)
async def test_nothing_moves_while_a_page_loads_and_every_icon_is_drawn(
    live: str, browser: Browser, patient: str, width: int, height: int
) -> None:
    moved = {}
    for username, paths in WALKED.items():
        context = await browser.new_context(base_url=live, viewport={"width": width, "height": height})
        page = await context.new_page()
        await sign_in(page, username)
        for path in paths:
            fresh = await context.new_page()
            wire = await context.new_cdp_session(fresh)
            await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
            await fresh.goto(path.format(patient=patient))
            total, sources = await fresh.evaluate(SHIFTS)
            if total > STILL:
                moved[username, path] = (round(total, 4), sources)
            assert await fresh.evaluate(BARE) == [], path
        await context.close()
    assert moved == {}


@pytest.mark.parametrize(("width", "height"), SCREENS)
async def test_nothing_moves_however_slowly_a_page_arrives(
    live: str, browser: Browser, patient: str, width: int, height: int
) -> None:
    """A telephone far from its mast: what is drawn after a third of the page stands where it will stand."""
    moved = {}
    for username, paths in WALKED.items():
        context = await browser.new_context(base_url=live, viewport={"width": width, "height": height})
        page = await context.new_page()
        await sign_in(page, username)
        wire = await context.new_cdp_session(page)
        for path in paths:
            await wire.send("Network.emulateNetworkConditions", SLOW)
            await page.goto(path.format(patient=patient))
            total, sources = await page.evaluate(SHIFTS)
            if total > STILL:
                moved[username, path] = (round(total, 4), sources)
        await context.close()
    assert moved == {}


FOCUSED = "() => [scrollY, document.activeElement.closest('main form') !== null]"


@pytest.mark.parametrize(("before", "stands"), [(0, [0, True]), (80, [0, False])])
async def test_a_form_is_begun_where_it_is_seen_and_nobody_is_led_past_a_page_to_it(
    live: str, browser: Browser, before: int, stands: list[Any]
) -> None:
    context = await browser.new_context(base_url=live, viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await sign_in(page, "ben")

    async def longer(route: Any) -> None:
        """The same page, with so many paragraphs before its form."""
        answer = await route.fetch()
        head, main, rest = (await answer.text()).partition('<div id="main" tabindex="-1">')
        await route.fulfill(response=answer, body=head + main + "<p>Before</p>" * before + rest)

    await page.route("**/inventory/batches/new", longer)
    await page.goto("/inventory/batches/new")
    await page.wait_for_function("document.querySelector('main form.form').dataset.opened === '1'")
    assert await page.evaluate(FOCUSED) == stands
    await context.close()


async def test_a_page_that_moves_is_noticed(live: str, browser: Browser) -> None:
    """The broken variant: something that comes late, above what is there."""
    page = await browser.new_page(base_url=live)
    await page.goto("/login")
    assert (await page.evaluate(SHIFTS))[0] <= STILL
    await page.evaluate("() => document.querySelector('main').before(document.createElement('p'), 'late '.repeat(900))")
    assert (await page.evaluate(SHIFTS))[0] > STILL
    await page.close()
