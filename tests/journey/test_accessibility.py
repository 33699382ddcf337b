"""The main pages, as each role sees them, in light and dark: no serious fault that axe can find."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.journey import Journey, Staff
from tests.conftest import ROOT
from tests.journey.people import Person, browser_of

pytestmark = pytest.mark.browser
AXE = ROOT / "src/galen/core/static/vendor/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = "() => axe.run(document, {{runOnly: {rules}, resultTypes: ['violations']}})"
RULES = {"light": STANDARDS, "dark": {"type": "rule", "values": ["color-contrast"]}}  # all else is the same in the dark
TWICE = """() => {  // the place of a complaint may be: forms.js gives it to the form that was sent
    const ids = [...document.querySelectorAll('[id]:not(.error)')].map(one => one.id);
    return [...new Set(ids.filter((id, at) => ids.indexOf(id) < at))];
}"""
PAGES = {
    "": ["/login", "/auth/password-reset", "{display}"],
    "ruth": ["/", "/patients", "/patients/new", "/patients/{patient}", "/calendar", "/calendar?view=week",
             "/appointments/new", "/queue", "/invoices/{invoice}"],
    "nora": ["/", "/patients/{patient}"],
    "ada": ["/", "/calendar?view=week", "/patients/{patient}", "/patients/{patient}/timeline", "/visits/{visit}",
            "/patients/{patient}/notes", "/note-templates", "/note-templates/new",
            "/prescriptions/{draft}/edit", "/prescriptions/{draft}", "/prescriptions", "/safety"],
    "ben": ["/", "/dispensing", "/dispensing/{work}", "/inventory", "/inventory/batches/new", "/medicines",
            "/recalls/{recall}", "/recalls/{recall}/matches", "/recalls/{recall}/patients", "/recalls/notices",
            "/coldchain", "/coldchain/places/new", "/coldchain/profiles"],
    "max": ["/", "/invoices", "/receivables", "/practitioners", "/till"],
    "iris": ["/", "/audit", "/audit/proof", "/accounts", "/outbox"],
    "mara": ["/", "/profile"],
}  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def world(live: str) -> AsyncIterator[dict[str, str]]:
    """One patient in a visit, with a warning on the draft; one at the pharmacy, who has to pay; one who waits."""
    staff = await Staff.at(live)
    seen, paying, waiting = Journey(staff), Journey(staff), Journey(staff)
    for journey in (seen, paying, waiting):
        await journey.register()
        await journey.book()
        await journey.check_in()
    for journey in (seen, paying):
        await staff.ada.post("/queue/next")
        await journey.visit()
    patient, visit = seen.records["patient"]["id"], seen.records["visit"]["id"]
    allergy = {"substance": "penicillin", "reaction": "rash", "severity": "moderate"}
    await staff.ada.post(f"/patients/{patient}/allergies", allergy)
    await staff.ada.post(f"/visits/{visit}/diagnoses", {"code": "J03.90"})
    await staff.ada.post(f"/visits/{visit}/notes", {"text": "Sore throat for three days.", "sign": True})
    for journey in (seen, paying):
        await journey.prescribe()
    for step in (paying.complete, paying.invoice, paying.sign):
        await step()
    work = await staff.ben.post("/dispensing", {"prescription_id": paying.records["prescription"]["id"]})
    product = seen.records["prescription"]["lines"][0]["product_id"]
    notice = {"source": "The maker", "products": [{"product_id": product}], "lots": ["NO-SUCH-LOT"]}
    recall = await staff.ben.post("/recalls", notice)
    yield {
        "recall": recall["id"],
        "patient": patient, "visit": visit, "draft": seen.records["prescription"]["id"], "work": work["id"],
        "invoice": paying.records["invoice"]["id"], "display": f"/display/north/{seen.records['token']['site_id']}",
    }  # fmt: skip
    await seen.complete()
    await staff.ruth.ask("PUT", f"/queue/{waiting.records['token']['id']}/departure")
    for desk in (staff.ruth, staff.ada, staff.ben, staff.kim):
        await desk.client.aclose()


async def faults(person: Person, path: str, rules: Any) -> list[str]:
    answer = await person.page.goto(path)
    assert answer and answer.ok, f"{path} answered {answer and answer.status}"
    await person.page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true })")
    await person.page.evaluate(f"{AXE.read_text()};0")
    found = (await person.page.evaluate(RUN.format(rules=rules)))["violations"]
    where = re.sub(r"[0-9a-f-]{36}", "…", path)
    return [f"{where}: the id {found_id} is there twice" for found_id in await person.page.evaluate(TWICE)] + [
        f"{where}: {found_id['id']} at {node['target'][0]}: {node['failureSummary'].splitlines()[-1].strip()}"
        for found_id in found
        if found_id["impact"] in ("serious", "critical")
        for node in found_id["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_page_has_a_serious_fault(live: str, chromium: str, world: dict[str, str], theme: str) -> None:
    found: list[str] = []
    async with browser_of(chromium) as browser:
        for username, paths in PAGES.items():
            person = await Person.at(browser, live, username, theme=theme)
            for path in paths:
                found += await faults(person, path.format(**world), RULES[theme])
            found += person.complaints
            await person.page.context.close()
    assert not found, "\n".join(dict.fromkeys(found))


async def test_a_complaint_stands_in_the_form_that_was_sent(live: str, chromium: str, world: dict[str, str]) -> None:
    async with browser_of(chromium) as browser:
        person = await Person.at(browser, live, "max")
        page = person.page
        await page.goto(f"/invoices/{world['invoice']}")
        for title, button in (("Void this invoice", "Void it for good"), ("Discount", "Take off")):
            form = page.locator("details", has=page.get_by_text(title, exact=True))
            await form.get_by_text(title, exact=True).click()
            await form.get_by_role("button", name=button).click()
            await expect(form.locator(".error:not(:empty)").first).to_be_visible()
            await expect(form.locator("[aria-invalid]").first).to_be_focused()
        await expect(page.locator("section .error:not(:empty)")).to_have_count(0)  # nothing went to the payment forms
