"""A note written by keyboard: a template by one key, a diagnosis one makes often, a recommended test in the plan."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.journey import Journey, Staff
from tests.journey.people import HANDS, Person, browser_of

pytestmark = pytest.mark.browser
TEMPLATE = "History:\nSeen for ___\n\nExamination:\n{vitals}\n\nPlan:\n- Water"


@dataclass
class Desk:
    """Ada's browser, and the visit that she has open."""

    ada: Person
    visit: str


@pytest_asyncio.fixture
async def desk(live: str, chromium: str) -> AsyncIterator[Desk]:
    """Ada has diagnosed diabetes before; another patient is with her now, and measured."""
    staff = await Staff.at(live)
    patients = []
    for _ in range(2):
        journey = Journey(staff)
        await journey.register()
        patients.append(journey.records["patient"]["id"])
    before = await staff.ada.post("/visits", {"patient_id": patients[0]})
    await staff.ada.post(f"/visits/{before['id']}/diagnoses", {"code": "E11.9"})
    now = await staff.ada.post("/visits", {"patient_id": patients[1]})
    await staff.ada.post(f"/visits/{now['id']}/vitals", {"systolic": 128, "diastolic": 82})
    name = f"Checked {now['id'][-6:]}"
    made = await staff.ada.post("/note-templates", {"name": name, "text": TEMPLATE})
    await staff.ada.ask("PUT", f"/note-templates/{made['id']}/star")
    async with browser_of(chromium) as browser:
        yield Desk(await Person.at(browser, live, "ada"), now["id"])
    for visit in (before, now):
        await staff.ada.ask("PUT", f"/visits/{visit['id']}/cancellation", {"reason": "Only for a test"})
    await staff.ada.ask("DELETE", f"/note-templates/{made['id']}")
    for one in (staff.ruth, staff.ada, staff.ben, staff.kim):
        await one.client.aclose()


async def test_a_note_is_written_without_a_mouse(desk: Desk) -> None:
    ada, page = desk.ada, desk.ada.page
    await page.goto(f"/visits/{desk.visit}")
    note, coughing = page.get_by_label("Note", exact=True), re.compile("Seen for a cough\n")
    await ada.presses("n")
    await expect(note).to_be_focused()
    await page.keyboard.type("Came alone.", delay=HANDS)
    await ada.presses("Escape", "1")
    await expect(note).to_have_value(
        "Came alone.\n\nHistory:\nSeen for ___\n\nExamination:\nBlood pressure 128/82 mmHg\n\nPlan:\n- Water"
    )
    await expect(note).to_be_focused()
    await page.keyboard.type("a cough", delay=HANDS)  # it lands in the blank
    await expect(note).to_have_value(coughing)

    chip = ada.part("Diagnoses").get_by_role("button", name="Type 2 diabetes mellitus without complications")
    await chip.focus()
    await ada.presses("Enter")
    await expect(page.get_by_role("table", name="Diagnoses")).to_contain_text("E11.9")
    await expect(chip).to_have_count(0)
    await expect(note).to_have_value(coughing)

    row = page.locator("#tests li").filter(has_text="HbA1c")
    await row.get_by_role("button", name="Add to plan").focus()
    await ada.presses("Enter")
    await expect(note).to_have_value(re.compile("Seen for a cough.*Plan:\n- Water\n- HbA1c: ", re.DOTALL))
    await page.get_by_role("button", name="Keep as draft").focus()
    await ada.presses("Enter")
    await expect(page.locator("#note-form")).to_contain_text("It waits for your signature.")
    await page.reload()
    await expect(note).to_have_value(re.compile("Came alone.*Seen for a cough.*- HbA1c: ", re.DOTALL))
    assert ada.complaints == []


async def test_what_was_put_in_outlives_a_reload_and_can_be_taken_out(desk: Desk) -> None:
    ada, page = desk.ada, desk.ada.page
    await page.goto(f"/visits/{desk.visit}")
    note = page.get_by_label("Note", exact=True)
    await note.fill("Tired.")
    await ada.presses("Escape", "1")
    await expect(note).to_have_value(re.compile("^Tired.*- Water$", re.DOTALL))
    await page.reload()
    await expect(note).to_have_value(re.compile("^Tired.*- Water$", re.DOTALL))
    await note.fill("Tired.")
    await ada.presses("Escape", "1")
    await page.get_by_role("button", name="Take it out again").click()
    await expect(note).to_have_value("Tired.")
    assert ada.complaints == []


async def test_the_last_diagnosis_is_taken_back_by_one_key(desk: Desk) -> None:
    ada, page = desk.ada, desk.ada.page
    await page.goto(f"/visits/{desk.visit}")
    table = page.get_by_role("table", name="Diagnoses")
    await ada.part("Diagnoses").get_by_role("button", name="Type 2 diabetes mellitus without").click()
    await expect(table).to_contain_text("E11.9")
    await ada.presses("z")
    await expect(table.locator("s")).to_contain_text("Type 2 diabetes")
    assert ada.complaints == []


async def test_what_is_read_is_folded_on_a_telephone(live: str, chromium: str, desk: Desk) -> None:
    async with browser_of(chromium) as browser:
        phone = await Person.at(browser, live, "ada", width=390)
        await phone.page.goto(f"/visits/{desk.visit}")
        record = phone.page.locator("details", has=phone.page.get_by_role("heading", name="On record"))
        await expect(record).not_to_have_attribute("open", "")
        await record.locator("summary").first.click()
        await expect(record.get_by_text("Current medicines")).to_be_visible()
        assert await phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert phone.complaints == []
    await desk.ada.page.goto(f"/visits/{desk.visit}")
    await expect(desk.ada.page.get_by_text("Current medicines")).to_be_visible()
