"""Pages in the test languages, in a browser: longer, nothing runs over the edge; from right to left, mirrored."""

import pytest

from tests.conftest import named  # noqa: F401
from tests.journey.conftest import chromium, live, young_day  # noqa: F401 fixtures
from tests.journey.people import Person, browser_of
from tests.journey.test_accessibility import world  # noqa: F401 a fixture

pytestmark = pytest.mark.browser
PAGES = {
    "": ["/login"],
    "ruth": ["/", "/patients", "/patients/{patient}", "/calendar", "/queue"],
    "ada": ["/", "/patients/{patient}", "/prescriptions/{draft}/edit"],
    "ben": ["/dispensing", "/dispensing/{work}", "/inventory"],
    "max": ["/", "/invoices", "/invoices/{invoice}", "/till"],
    "iris": ["/", "/jobs", "/accounts"],
    "mara": ["/", "/profile"],
}  # fmt: skip
SIZES = [(390, 844), (1366, 768)]
OVER = """() => {
    const wide = document.documentElement.clientWidth;
    const inside = one => !one.closest('.scroll, .visually-hidden, .skip, [popover]');
    if (document.documentElement.scrollWidth <= wide) return [];
    return [...document.querySelectorAll('body *')].filter(inside).filter(one => {
        const at = one.getBoundingClientRect();
        return at.width && (at.right > wide + 1 || at.left < -1);
    }).slice(0, 4).map(one => one.tagName + '.' + one.className);
}"""


@pytest.fixture(scope="session", autouse=True)
def test_languages_answer():
    """The server that is started for these tests speaks the test languages, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GALEN_TEST_LANGUAGES", "1")
        yield


async def of(browser, live: str, username: str, language: str, width: int, height: int) -> Person:  # noqa: F811
    person = await Person.at(browser, live, username, width=width)
    await person.page.set_viewport_size({"width": width, "height": height})
    await person.page.context.add_cookies([{"name": "language", "value": language, "url": live}])
    return person


@pytest.mark.parametrize("language", ["en-XA", "ar-XB"])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_nothing_runs_over_the_edge(live, chromium, world, language, size):  # noqa: F811
    found: list[str] = []
    async with browser_of(chromium) as browser:
        for username, paths in PAGES.items():
            person = await of(browser, live, username, language, *size)
            for path in paths:
                answer = await person.page.goto(path.format(**world))
                assert answer and answer.ok, path
                assert await person.page.locator(f"html[lang={language}]").count() == 1, path
                if over := await person.page.evaluate(OVER):
                    found.append(f"{path} of {username}: {', '.join(over)}")
            await person.page.context.close()
    assert found == [], "\n" + "\n".join(found)


async def test_from_right_to_left_the_rooms_are_on_the_right(live, chromium):  # noqa: F811
    async with browser_of(chromium) as browser:
        person = await of(browser, live, "ruth", "ar-XB", 1366, 768)
        await person.page.goto("/patients")
        assert await person.page.locator("html").get_attribute("dir") == "rtl"
        rooms = await person.page.locator("nav.rooms").bounding_box()
        assert rooms and rooms["x"] + rooms["width"] == 1366 and rooms["x"] > 683


async def test_a_language_is_chosen_by_keyboard_before_signing_in(live, chromium):  # noqa: F811
    async with browser_of(chromium) as browser:
        person = await Person.at(browser, live)
        page = person.page
        await page.goto("/login")
        for _ in range(20):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.value") == "es":
                break
        await page.keyboard.press("Enter")
        await page.wait_for_selector("html[lang=es]")
        assert page.url.endswith("/login")
        assert person.complaints == []
