"""Sixty wait: one is found, chosen and called; what was asked stays through the live line, a reload and the way back;
the waiting-room display fills its screen, chimes once for each call, and says so when it has lost the line."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect
from sqlalchemy import URL, select

from galen import identity, organizations, patients, queue
from galen.app import services_for
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database
from galen.patients import PatientDraft
from galen.queue import CallDraft, Token, WalkInDraft
from tests.journey.people import Person, browser_of

pytestmark = pytest.mark.browser
CROWD = 60
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley-Marjoribanks-Beauchamp"
COUNT_CHIMES = "addEventListener('chime', () => (window.chimes = (window.chimes ?? 0) + 1), true)"


@pytest_asyncio.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with browser_of(chromium) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module")
async def at_the_desk(young_day: URL) -> AsyncIterator[Any]:
    """A way to act in the world behind the pages: `async with at_the_desk() as ctx`."""
    database = Database(young_day.set(username=APP_ROLE, password=password_for(APP_ROLE)), pool=2)
    services = services_for(database)
    async with services.as_system("north", "test") as ctx:
        nurse = (await ctx.db.scalars(select(identity.Account).where(identity.Account.username == "nora"))).one()
        site = next(site for site in await organizations.sites(ctx) if site.id == nurse.site_id).info

    class Desk:
        async def __aenter__(self) -> Any:
            self.opened = services.as_system("north", "test")
            ctx = await self.opened.__aenter__()
            ctx.site = site
            return ctx

        async def __aexit__(self, *error: Any) -> Any:
            return await self.opened.__aexit__(*error)

    async with Desk() as ctx:
        for number in range(CROWD):
            family = LONG if number == 20 else f"Crowd{number}"
            person = await patients.register(ctx, PatientDraft(family=family, given="Ida", anyway=True))
            await queue.walk_in(ctx, WalkInDraft(patient_id=person.id))
            await ctx.flush()
    yield Desk
    await database.close()


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Waiting").locator("tbody tr")


async def heights(page: Page) -> set[int]:
    found = await rows(page).evaluate_all("rows => rows.map(row => Math.round(row.getBoundingClientRect().height))")
    return set(found)


async def calls(desk: Any, family: str, room: str) -> str:
    """Somebody else calls this person to a room."""
    async with desk() as ctx:
        query = select(Token).join(patients.Patient, patients.Patient.id == Token.patient_id)
        token = (await ctx.db.scalars(query.where(patients.Patient.family == family))).one()
        return str((await queue.call_chosen(ctx, token.id, CallDraft(room=room))).label)


async def test_each_who_waits_has_one_line_however_long_the_name(live: str, browser: Browser, at_the_desk: Any) -> None:
    nora = await Person.at(browser, live, "nora")
    await nora.page.goto("/queue")
    await expect(rows(nora.page)).not_to_have_count(0)
    assert await heights(nora.page) <= {30, 31, 32}
    whole = nora.page.get_by_role("link", name=re.compile("BEAUCHAMP", re.IGNORECASE))
    cell = nora.page.locator("td").filter(has=whole)
    assert await cell.get_attribute("title") == f"{LONG.upper()}, Ida"
    await whole.focus()
    await nora.presses("Shift+Tab", "Tab")  # by keyboard, so that the focus is seen
    assert await cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth && cell.clientHeight > 32")
    wide = "() => document.documentElement.scrollWidth <= innerWidth"
    for width, height in ((390, 844), (683, 384), (900, 700)):
        await nora.page.set_viewport_size({"width": width, "height": height})
        assert await nora.page.evaluate(wide), f"it scrolls sideways at {width}"
    assert nora.complaints == []


async def test_a_filter_stays_through_the_live_line_a_reload_and_the_way_back(
    live: str, browser: Browser, at_the_desk: Any
) -> None:
    nora = await Person.at(browser, live, "nora")
    page = nora.page
    await page.goto("/queue")
    await page.get_by_label("Name, number or reason").fill("crowd3")
    await expect(rows(page)).to_have_count(11)  # 3, and 30 to 39
    await expect(page.locator("#queue .count")).to_have_text(re.compile(r"^11 of \d+$"))
    head = page.get_by_role("table", name="Waiting").get_by_role("link", name="Patient")
    await head.click()
    await expect(page.locator("th[aria-sort=ascending]").first).to_contain_text("Patient")
    await expect(head).to_be_focused()
    await nora.presses("Enter")
    await expect(rows(page).first).to_contain_text("CROWD39")
    await expect(page.locator("th[aria-sort=descending]").first).to_contain_text("Patient")
    assert "crowd3" not in page.url.lower()
    label = await calls(at_the_desk, "Crowd35", "Bay 7")
    await expect(page.get_by_role("table", name="Called").get_by_role("row", name=re.compile(label))).to_be_visible()
    await expect(rows(page)).to_have_count(10)
    await expect(rows(page).first).to_contain_text("CROWD39")
    await rows(page).first.get_by_role("link", name="CROWD39").click()
    await page.wait_for_url("**/patients/*")
    await page.go_back()
    await expect(page.get_by_label("Name, number or reason")).to_have_value("crowd3")
    await expect(rows(page)).to_have_count(10)
    await expect(rows(page).first).to_contain_text("CROWD39")
    await page.reload()
    await expect(rows(page)).to_have_count(10)
    await page.get_by_label("Name, number or reason").fill("")
    await expect(rows(page).nth(20)).to_be_visible()
    assert nora.complaints == []


async def test_a_chosen_one_is_called_by_keyboard_and_the_slower_colleague_is_told(
    live: str, browser: Browser, at_the_desk: Any
) -> None:
    nora, ada = await Person.at(browser, live, "nora"), await Person.at(browser, live, "ada")
    for person in (nora, ada):
        await person.page.goto("/queue")
    await ada.page.route(
        "**/queue", lambda route: route.abort() if route.request.headers.get("hx-request") else route.continue_()
    )
    badge = nora.page.locator("#count--side-queue")
    before = int((await badge.inner_text()).split()[0])
    await nora.page.get_by_label("Call to").fill("Bay 2")
    own = rows(nora.page).filter(has_text="CROWD41")
    number = await own.locator("b").inner_text()
    await own.get_by_role("button", name="Call").focus()
    await nora.presses("Enter")
    await expect(nora.page.locator(".toast-line")).to_contain_text(f"Number {number}: called, Bay 2.")
    await expect(nora.page.get_by_role("table", name="Called")).to_contain_text("CROWD41")
    await expect(badge).to_contain_text(str(before - 1))
    late = rows(ada.page).filter(has_text="CROWD41")
    await late.get_by_role("button", name="Call").click()
    await expect(ada.page.locator("#notice")).to_contain_text(
        f"Number {number} is not waiting any more: called, Bay 2."
    )
    await nora.presses("z")
    await expect(nora.page.locator(".toast-line").first).to_contain_text(f"Undone: number {number} is waiting again.")
    await expect(rows(nora.page).filter(has_text="CROWD41")).to_have_count(1)
    await nora.page.reload()
    await expect(nora.page.get_by_label("Call to")).to_have_value(re.compile("Bay|^$"))
    assert nora.complaints == []


async def display_of(browser: Browser, live: str, size: tuple[int, int]) -> Page:
    ruth = await Person.at(browser, live, "ruth")
    await ruth.page.goto("/queue")
    href = await ruth.page.get_by_role("link", name="Waiting-room display").get_attribute("href")
    await ruth.page.context.close()
    assert href
    context = await browser.new_context(base_url=live, viewport={"width": size[0], "height": size[1]})
    await context.add_init_script(COUNT_CHIMES)
    page = await context.new_page()
    await page.goto(href)
    return page


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
async def test_the_display_fills_its_screen_and_shows_the_time(
    live: str, browser: Browser, at_the_desk: Any, size: tuple[int, int]
) -> None:
    page = await display_of(browser, live, size)
    board = await page.locator("#board").bounding_box()
    assert board
    assert board["width"] > 0.9 * size[0]
    assert board["y"] + board["height"] > 0.93 * size[1]
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.locator("#board-clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert "CROWD" not in (await page.content()).upper()


async def test_the_display_chimes_once_for_each_call_and_says_when_it_is_cut_off(
    live: str, browser: Browser, at_the_desk: Any
) -> None:
    page = await display_of(browser, live, (1366, 768))
    await page.get_by_role("button", name="Turn the sound on").click()
    await expect(page.get_by_role("button", name="Turn the sound on")).to_be_hidden()
    chimes = await page.evaluate("window.chimes")
    label = await calls(at_the_desk, "Crowd50", "Bay 9")
    await expect(page.locator(f"#call--{label}")).to_contain_text("Bay 9")
    await page.wait_for_function(f"window.chimes === {chimes + 1}")
    lost = page.locator(".board-lost")
    await expect(lost).to_be_hidden()
    await page.context.set_offline(True)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the line is opened anew
    await expect(lost).to_be_visible(timeout=20_000)
    second = await calls(at_the_desk, "Crowd51", "Bay 9")
    await page.context.set_offline(False)
    await expect(page.locator(f"#call--{second}")).to_be_visible(timeout=60_000)
    await expect(lost).to_be_hidden()
    await page.wait_for_function(f"window.chimes === {chimes + 2}")
    await page.evaluate("document.body.dispatchEvent(new Event('line-restored'))")
    async with page.expect_response(lambda answer: "/display/" in answer.url):
        await page.evaluate("document.body.dispatchEvent(new Event('line-restored'))")
    assert await page.evaluate("window.chimes") == chimes + 2
    await page.reload()
    await expect(page.locator(f"#call--{second}")).to_be_visible()
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert await page.evaluate("window.chimes ?? 0") == 0
