"""People at their browsers: what they type and press, and whatever their browser complained about."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Response, async_playwright, expect

from galen.demo import PASSWORD

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--no-first-run"]
HANDS = 55  # milliseconds between two keys; whoever is quicker is a barcode scanner
WATCH = (
    "addEventListener('securitypolicyviolation', e => console.error('CSP refused', e.violatedDirective, e.blockedURI))"
)


PACE = 0.004  # seconds between two keys of a scanner


async def scan(page: Page, code: str, pace: float = PACE) -> None:
    """Type as a keyboard wedge does and press Enter: each key bears the time of its stroke, as from a keyboard.

    A busy machine hands the strokes to the page when it comes to it; when they were made stays what it was.
    """
    wire, began = await page.context.new_cdp_session(page), time.time()
    for nth, key in enumerate([*code, "Enter"]):
        stroke: dict[str, Any] = {"key": key, "timestamp": began + nth * pace, "text": key}
        if key == "Enter":
            stroke |= {"code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        await wire.send(
            "Input.dispatchKeyEvent", {**stroke, "type": "keyDown", "text": "\r" if key == "Enter" else key}
        )
        await wire.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key})
    await wire.detach()


@asynccontextmanager
async def browser_of(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Person:
    """One person, one browser context; `complaints` holds console errors, thrown errors and answers of 500 or more."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    loads: int = 0  # how many documents this tab has loaded; what comes by the live line is not one

    @classmethod
    async def at(
        cls, browser: Browser, url: str, username: str = "", *, theme: str = "light", width: int = 1366
    ) -> "Person":
        context = await browser.new_context(base_url=url, viewport={"width": width, "height": 768})
        context.set_default_timeout(10_000)
        await context.add_cookies([{"name": "theme", "value": theme, "url": url}])
        await context.add_init_script(WATCH)
        person = cls(await context.new_page())
        person.listen()
        if username:
            await person.sign_in(username)
        return person

    def listen(self) -> None:
        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.complaints.append(f"{self.page.url}: {message.text}")

        def answered(response: Response) -> None:
            if response.status >= 500:
                self.complaints.append(f"{response.url} answered {response.status}")

        def loaded(page: Page) -> None:
            self.loads += 1

        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", answered)
        self.page.on("domcontentloaded", loaded)
        self.page.on("dialog", lambda dialog: dialog.accept())

    async def sign_in(self, username: str) -> None:
        await self.page.goto("/login")
        await self.page.get_by_label("Organisation").select_option("north")
        await self.page.get_by_label("User name").fill(username)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url("/")

    async def types(self, *words: str, then: str = "Enter") -> None:
        """Type into the field that has the focus and go on from it, field by field."""
        for word in words:
            await self.page.keyboard.type(word, delay=HANDS)
            await self.presses(then)

    async def presses(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key, delay=HANDS)

    async def finds(self, box: Locator, words: str, option: str) -> None:
        """Type into a field that finds while one types, and take what it offers with Enter."""
        await box.focus()
        await self.page.keyboard.type(words, delay=HANDS)
        offered = self.page.get_by_role("option", name=option).first
        await expect(offered).to_be_visible()
        while await offered.get_attribute("aria-selected") != "true":
            await self.presses("ArrowDown")
        await self.presses("Enter")

    async def room(self, name: str) -> None:
        await self.page.get_by_label("Rooms", exact=True).get_by_role("link", name=name).click()
        await expect(self.page.locator("h1")).to_be_visible()

    def part(self, title: str) -> Locator:
        """A part of the page, by its heading."""
        return self.page.get_by_role("region", name=title, exact=True)

    async def pdf(self, href: str) -> bytes:
        """What a link to a paper leads to."""
        answer = await self.page.context.request.get(href)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
        return await answer.body()

    def here(self) -> UUID:
        """The id that the address of this page ends with."""
        return UUID(self.page.url.partition("?")[0].rsplit("/", 1)[-1])
