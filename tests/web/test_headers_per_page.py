"""A page that needs more than others says so in its row, and no other page gets it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from fastapi import Response
from playwright.async_api import Page, async_playwright

from galen.asgi.headers import DEVICES, STRICT, Allow
from galen.core.context import Context
from galen.core.gate import requires
from galen.core.web.routes import get, post
from tests.journey.people import FLAGS, PASSWORD

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types galen default"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=()"
FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

PAGE = """{% extends "page.html" %}{% block title %}TITLE{% endblock %}{% block main %}
<form method="post" action="/try/pay"><input type="hidden" name="csrf" value="{{ csrf }}"><button>Pay</button></form>
{% endblock %}"""
WORKER = "addEventListener('install', () => skipWaiting());"
GET_MEDIA = """async (wanted) => {
    try { return (await navigator.mediaDevices.getUserMedia(wanted)).getTracks().length; }
    catch (error) { return error.name; }
}"""
BLOB = """() => new Promise((done) => {
    const picture = new Image(), canvas = document.createElement("canvas");
    picture.onload = () => done("seen");
    picture.onerror = () => done("refused");
    canvas.width = canvas.height = 2;
    canvas.toBlob((blob) => { picture.src = URL.createObjectURL(blob); });
})"""
REGISTER = """async (address) => {
    try { await navigator.serviceWorker.register(address); return "registered"; } catch (error) { return error.name; }
}"""


def rows(**allow: Allow) -> list[Any]:
    made = []
    for name, allowed in allow.items():

        async def look(ctx: Context) -> None:
            """A page to try things on."""

        look.__name__ = f"page_{name}"
        made.append(get(f"/try/{name}", requires("profile.use")(look), html=f"{name}.html", json=dict, allow=allowed))
    return made


@requires("profile.use")
async def pay(ctx: Context) -> Response:
    """Leads to whoever takes the money."""
    return Response(status_code=303, headers={"Location": pay.leads_to})  # type: ignore[attr-defined]


@requires("public.worker")
async def worker(ctx: Context) -> str:
    """The service worker of the tests."""
    return WORKER


@asynccontextmanager
async def at_home(url: str, chromium: str, *flags: str) -> AsyncIterator[Page]:
    """Ruth's browser, signed in."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *flags])
        page = await browser.new_page(base_url=url)
        await page.goto("/login")
        await page.get_by_label("Organisation").select_option("north")
        await page.get_by_label("User name").fill("ruth")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("/")
        yield page
        await browser.close()


def test_every_other_page_keeps_the_strict_policy_to_the_letter():
    assert STRICT.headers == {"Content-Security-Policy": POLICY, "Permissions-Policy": PERMISSIONS}


@pytest.mark.parametrize(
    ("allow", "directive", "said"),
    [
        (Allow(forms_to=("https://pay.example",)), "form-action", "'self' https://pay.example"),
        (Allow(pictures=("blob:",)), "img-src", "'self' data: blob:"),
        (Allow(workers=("'self'",)), "worker-src", "'self'"),
        (Allow(styles=("'unsafe-inline'",)), "style-src", "'self' 'unsafe-inline'"),
    ],
)
def test_one_wish_changes_one_directive(allow, directive, said):
    parts = dict(part.split(" ", 1) for part in allow.headers["Content-Security-Policy"].split("; "))
    strict = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert parts == strict | {directive: said}
    assert allow.headers["Permissions-Policy"] == PERMISSIONS


def test_a_device_is_opened_for_the_page_itself_alone():
    said = Allow(camera=True).headers["Permissions-Policy"]
    assert said == PERMISSIONS.replace("camera=()", "camera=(self)")
    assert set(re.findall(r"(\w+)=", said)) == set(DEVICES)


async def test_only_the_page_itself_carries_what_its_row_allows(application, client, serve, own_templates):
    own_templates(call=PAGE, plain=PAGE)
    opened = Allow(camera=True, microphone=True)
    async with serve(*rows(call=opened, plain=STRICT)) as served:
        cookie = await served.cookie("ruth")
        async with httpx2.AsyncClient(base_url=served.url) as one:
            page = {"cookie": cookie, "accept": "text/html"}
            seen = {
                "the page": await one.get("/try/call", headers=page),
                "another page": await one.get("/try/plain", headers=page),
                "its own JSON": await one.get(
                    "/api/v1/try/call", headers={"authorization": f"Bearer {await served.token('ruth')}"}
                ),
                "its refusal": await one.get("/try/call", headers={"accept": "text/html"}),
                "what is not there": await one.get("/try/nothing", headers=page),
                "the first page": await one.get("/", headers=page),
            }
    policies = {name: answer.headers["permissions-policy"] for name, answer in seen.items()}
    assert policies.pop("the page") == opened.headers["Permissions-Policy"]
    assert set(policies.values()) == {PERMISSIONS}
    assert {answer.headers["content-security-policy"] for answer in seen.values()} == {POLICY}


async def test_the_interface_s_own_pages_are_composed_of_the_same(client):
    one = await client()
    for path in ("/docs", "/redoc"):
        said = (await one.get(path)).headers["content-security-policy"]
        assert "style-src 'self' 'unsafe-inline'" in said
        assert "worker-src blob:" in said
        assert "trusted-types" not in said
        assert "script-src 'self';" in said
        assert "form-action 'self'" in said


@pytest.mark.browser
async def test_a_camera_opens_on_the_page_that_says_so_and_on_no_other(serve, own_templates, chromium):
    own_templates(call=PAGE, listen=PAGE, plain=PAGE)
    allowed = rows(call=Allow(camera=True, microphone=True), listen=Allow(microphone=True), plain=STRICT)
    async with serve(*allowed) as served, at_home(served.url, chromium, *FAKE) as page:
        for name, camera, microphone in (
            ("call", 1, 1),
            ("listen", "NotAllowedError", 1),
            ("plain", "NotAllowedError", "NotAllowedError"),
        ):
            await page.goto(f"/try/{name}")
            assert await page.evaluate(GET_MEDIA, {"video": True}) == camera, name
            assert await page.evaluate(GET_MEDIA, {"audio": True}) == microphone, name


@pytest.mark.browser
async def test_a_picture_made_in_the_page_is_seen_where_the_row_says_so(serve, own_templates, chromium):
    own_templates(photo=PAGE, plain=PAGE)
    allowed = rows(photo=Allow(pictures=("blob:",)), plain=STRICT)
    async with serve(*allowed) as served, at_home(served.url, chromium) as page:
        await page.goto("/try/photo")
        assert await page.evaluate(BLOB) == "seen"
        await page.goto("/try/plain")
        assert await page.evaluate(BLOB) == "refused"


@pytest.mark.browser
async def test_a_form_may_lead_to_the_provider_that_the_row_names(serve, own_templates, chromium):
    own_templates(checkout=PAGE, plain=PAGE)
    async with serve() as provider:
        elsewhere = provider.url.replace("127.0.0.1", "localhost")
        pay.leads_to = f"{elsewhere}/health/live"  # type: ignore[attr-defined]
        allowed = rows(checkout=Allow(forms_to=(elsewhere,)), plain=STRICT)
        paying = post("/try/pay", pay, html="none.html")
        async with serve(*allowed, paying) as served, at_home(served.url, chromium) as page:
            refused: list[str] = []
            page.on("console", lambda said: refused.append(said.text))
            await page.goto("/try/plain")
            await page.get_by_role("button", name="Pay").click()
            await page.wait_for_timeout(1000)
            assert page.url.startswith(served.url)
            assert any("form-action" in words for words in refused), refused
            await page.goto("/try/checkout")
            await page.get_by_role("button", name="Pay").click()
            await page.wait_for_url(f"{elsewhere}/health/live")


@pytest.mark.browser
async def test_the_one_service_worker_is_registered_by_the_page_that_says_so(serve, own_templates, chromium):
    own_templates(offline=PAGE, plain=PAGE)
    script = get("/worker.js", worker, media_type="text/javascript")
    allowed = rows(offline=Allow(workers=("'self'",)), plain=STRICT)
    async with serve(*allowed, script) as served, at_home(served.url, chromium) as page:
        await page.goto("/try/plain")
        assert await page.evaluate(REGISTER, "/worker.js") == "TypeError", "no plain text is an address of a script"
        count = "async () => (await navigator.serviceWorker.getRegistrations()).length"
        assert await page.evaluate(count) == 0
        await page.goto("/try/offline")
        active = "async () => (await navigator.serviceWorker.ready).active.scriptURL"
        assert await page.evaluate(active) == f"{served.url}/worker.js"
        assert await page.evaluate(REGISTER, "/static/docs.js") == "TypeError"
