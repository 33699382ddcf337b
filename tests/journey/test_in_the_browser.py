"""One patient's whole journey in the browser: every role at its own screen, by keyboard where one would use it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import URL

from galen import inventory, medicines, organizations
from galen.app import services_for
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database
from tests.journey.people import HANDS, PASSWORD, Person, browser_of

pytestmark = pytest.mark.browser
FAMILY = "Wetherby"  # nobody in the cast, nor in the other journeys, is called or sounds like this
NAME = f"{FAMILY.upper()}, Ann"

DONE = {
    "patients.register": "Ruth Tanaka",
    "patients.add_allergy": "Dr Ada Okafor",
    "scheduling.book": "Ruth Tanaka",
    "queue.check_in": "Ruth Tanaka",
    "queue.call_next": "Dr Ada Okafor",
    "encounters.record_vitals": "Dr Ada Okafor",
    "prescribing.sign": "Dr Ada Okafor",
    "dispensing.verify": "Ben Adeyemi",
    "dispensing.dispense": "Kim Sørensen",
    "billing.take_payment": "Ruth Tanaka",
}


@dataclass
class Cast:
    """Who takes part, and the display on the waiting-room wall."""

    ruth: Person
    ada: Person
    ben: Person
    kim: Person
    iris: Person
    wall: Person


@pytest_asyncio.fixture
async def few_left(young_day: URL) -> None:
    """A batch of amoxicillin that expires first and holds fewer capsules than the journey needs."""
    database = Database(young_day.set(username=APP_ROLE, password=password_for(APP_ROLE)), pool=1)
    async with services_for(database).as_system("north", "test") as ctx:
        ctx.site = next(s for s in await organizations.pharmacies(ctx)).info
        product = (await medicines.find_medicines(ctx, "amoxicillin 500 mg capsule", limit=1))[0]
        expires = (ctx.today + timedelta(days=60)).isoformat()
        await inventory.receive(
            ctx, inventory.BatchDraft(product_id=product.id, number="FEW-6", expires=expires, units=6)
        )
    await database.close()


@pytest_asyncio.fixture
async def cast(live: str, chromium: str, few_left: None) -> AsyncIterator[Cast]:
    async with browser_of(chromium) as browser:
        staff = [await Person.at(browser, live, name) for name in ("ruth", "ada", "ben", "kim", "iris")]
        yield Cast(*staff, wall=await Person.at(browser, live))


async def test_a_patient_goes_through_the_whole_clinic_in_the_browser(cast: Cast) -> None:
    await keys_work_on_every_page(cast)
    await ruth_looks_before_she_registers(cast)
    await ada_records_the_allergy(cast)
    await ruth_books_by_the_calendar(cast)
    number = await ruth_checks_in(cast)
    await the_wall_shows_the_number_and_no_name(cast, number)
    await ada_sees_the_patient(cast)
    await ben_opens_the_work_queue(cast)
    await ada_prescribes_in_spite_of_the_allergy(cast)
    await ada_signs(cast)
    await ben_sees_it_at_once_and_verifies(cast)
    await kim_takes_over_and_dispenses(cast)
    await ada_completes_the_visit(cast)
    await ruth_takes_card_and_cash(cast)
    await kim_is_paid_for_the_medicines(cast)
    await everything_is_on_record(cast)
    complaints = [said for person in vars(cast).values() for said in person.complaints]
    assert complaints == []


async def keys_work_on_every_page(cast: Cast) -> None:
    for person in (cast.ruth, cast.ada, cast.ben, cast.kim, cast.iris):
        await person.presses("?")
        await expect(person.page.get_by_role("dialog", name="Keys on this page")).to_be_visible()
        await person.presses("Escape")
        await expect(person.page.get_by_role("dialog", name="Keys on this page")).to_be_hidden()
        await person.presses("/")
        await expect(person.page.locator("#find")).to_be_focused()
        await person.presses("Escape")


async def ruth_looks_before_she_registers(cast: Cast) -> None:
    ruth, page = cast.ruth, cast.ruth.page
    await ruth.presses("/")
    await page.keyboard.type(FAMILY, delay=HANDS)
    await expect(page.locator("#results")).to_contain_text("Nothing found")
    await ruth.presses("Escape")
    await ruth.room("Patients")
    await ruth.presses("n")
    await expect(page.get_by_label("Family name")).to_be_focused()
    await ruth.types(FAMILY, "Ann")
    await page.get_by_label("Date of birth").focus()
    await ruth.types("1980-02-03")
    await ruth.presses("Space")  # the first choice: female
    await ruth.presses("Control+Enter")
    await page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}$"))
    await expect(page.get_by_role("region", name="Patient", exact=True)).to_contain_text("Allergies not asked")


async def ada_records_the_allergy(cast: Cast) -> None:
    ada, page = cast.ada, cast.ada.page
    await ada.presses("/")
    await ada.finds(page.locator("#find"), FAMILY, NAME)
    await ada.part("Allergies").get_by_role("link", name="Add allergy").click()
    substance = page.get_by_role("combobox", name="Substance or class")
    await expect(substance).to_be_focused()
    await ada.finds(substance, "penicillin", "penicillin")
    await page.get_by_label("Reaction").fill("rash")
    await page.get_by_label("Moderate").check()
    await ada.presses("Control+Enter")
    await expect(ada.part("Patient")).to_contain_text(re.compile(r"Allergic to penicillins? \(rash\)"))


async def ruth_books_by_the_calendar(cast: Cast) -> None:
    ruth, page = cast.ruth, cast.ruth.page
    await ruth.room("Calendar")
    await page.get_by_role("link", name=re.compile("^Book .*Okafor")).first.click()
    await expect(page.get_by_role("heading", name="Book an appointment")).to_be_visible()
    await ruth.finds(page.get_by_role("combobox", name="Patient", exact=True), FAMILY, NAME)
    await page.get_by_label("Reason").fill("Sore throat")
    await ruth.presses("Enter")
    await page.wait_for_url(re.compile(r"/appointments/[0-9a-f-]{36}$"))
    await expect(ruth.part("Patient")).to_contain_text(NAME)


async def ruth_checks_in(cast: Cast) -> str:
    ruth, page = cast.ruth, cast.ruth.page
    await expect(page.get_by_role("button", name="Check in")).to_be_visible()
    await ruth.presses("c")
    await page.wait_for_url("**/ticket")
    number = await page.locator(".ticket-number").inner_text()
    await ruth.presses("n")
    await expect(page.get_by_role("table", name="Waiting")).to_contain_text(number)
    href = await page.get_by_role("link", name="Waiting-room display").get_attribute("href")
    await cast.wall.page.goto(href or "")
    await expect(cast.wall.page.locator(".board-waiting")).to_contain_text(number)
    return number


async def the_wall_shows_the_number_and_no_name(cast: Cast, number: str) -> None:
    wall, loads = cast.wall.page, cast.wall.loads
    await cast.ada.page.goto("/")
    await expect(cast.ada.part("Next patient")).to_contain_text(number)
    await cast.ada.presses("n")
    await expect(wall.locator(".board-called")).to_contain_text(number)
    assert FAMILY.casefold() not in (await wall.content()).casefold()
    assert cast.wall.loads == loads


async def ada_sees_the_patient(cast: Cast) -> None:
    ada, page = cast.ada, cast.ada.page
    await ada.part("With you now").get_by_role("button", name="Start visit").click()
    await page.wait_for_url("**/visits/*")
    await ada.presses("v")
    await page.get_by_label("Systolic").focus()
    await ada.types("152", "94", "88")
    await page.get_by_label("Temperature").fill("37.9")
    await page.get_by_label("Weight").fill("71")
    await ada.presses("Control+Enter")
    await expect(ada.part("Vitals").get_by_text("systolic high")).to_be_visible()

    await ada.finds(
        page.get_by_role("combobox", name="Diagnosis", exact=True), "acute tonsil", "Acute tonsillitis, unspecified"
    )
    await ada.presses("Control+Enter")
    await expect(page.get_by_role("table", name="Diagnoses")).to_contain_text("J03.90")

    await page.get_by_label("Note", exact=True).fill("Sore throat for three days.\nTonsils red, no exudate.")
    await ada.part("Notes").get_by_role("button", name="Sign note").click()
    await expect(ada.part("Notes").locator("article")).to_contain_text("Tonsils red, no exudate.")


async def ben_opens_the_work_queue(cast: Cast) -> None:
    await cast.ben.room("Dispensing")
    await expect(cast.ben.page.locator("#line")).to_have_attribute("data-line", "on")
    await expect(cast.ben.page.locator("#list")).not_to_contain_text(FAMILY.upper())


async def ada_prescribes_in_spite_of_the_allergy(cast: Cast) -> None:
    ada, page = cast.ada, cast.ada.page
    await page.locator("h1").click()  # out of the field
    await ada.presses("r")
    await page.wait_for_url("**/prescriptions/new**")
    first, second = (page.locator(".repeat-row").nth(n) for n in (0, 1))
    await ada.finds(first.get_by_role("combobox", name="Medicine"), "amoxicillin 500", "amoxicillin 500 mg capsule")
    await first.get_by_label("Directions").fill("1 cap tds pc x5/7")
    await page.get_by_role("button", name="Another medicine").click()
    await ada.finds(second.get_by_role("combobox", name="Medicine"), "paracetamol 500", "paracetamol 500 mg tablet")
    await second.get_by_label("Directions").fill("1-2 tab q6h prn max 8/24h")
    await second.get_by_label(re.compile("^Days optional")).fill("3")

    warning = first.locator(".warning").filter(has_text="penicillin")
    await expect(warning).to_be_visible()
    await expect(first).to_contain_text("Supply 15")
    await warning.get_by_text("Go on all the same").click()
    await warning.get_by_label("Reason to go on").select_option("tolerated")
    await warning.get_by_label("Comment").fill("Took it last year without harm")
    await page.get_by_role("button", name="Keep draft and go on to signing").click()
    await page.wait_for_url(re.compile(r"/prescriptions/[0-9a-f-]{36}$"))


async def ada_signs(cast: Cast) -> None:
    ada, page = cast.ada, cast.ada.page
    await page.get_by_label("Your password, once more").focus()
    await ada.types(PASSWORD)
    await expect(page.locator("#action")).to_contain_text("Signed")
    await expect(ada.part("Warnings answered")).to_contain_text("Took it last year without harm")


async def ben_sees_it_at_once_and_verifies(cast: Cast) -> None:
    ben, page, loads = cast.ben, cast.ben.page, cast.ben.loads
    row = page.get_by_role("table", name="Work queue").get_by_role("row", name=re.compile(FAMILY, re.I))
    await expect(row).to_contain_text("amoxicillin")
    assert ben.loads == loads, "the page was loaded again"
    await row.get_by_role("link").first.focus()
    await ben.presses("Enter")
    await page.wait_for_url("**/dispensing/*")
    await ben.presses("t")
    await expect(page.get_by_role("button", name="Leave to a colleague")).to_be_visible()
    asked = ben.part("Verify").locator(".warning").filter(has_text="penicillin")
    await expect(asked).to_contain_text("Took it last year without harm")
    await asked.get_by_label("Your answer").select_option("accepted")
    await asked.get_by_label("Comment").fill("Dr Okafor confirms: took it last year")
    await page.locator("h1").click()
    await ben.presses("v")
    await expect(ben.part("Who did what")).to_contain_text("Verified")


async def kim_takes_over_and_dispenses(cast: Cast) -> None:
    kim, page = cast.kim, cast.kim.page
    await page.goto(cast.ben.page.url)
    await page.get_by_role("button", name="Take over").click()
    await expect(page.get_by_role("button", name="Leave to a colleague")).to_be_visible()
    await expect(page.get_by_role("button", name="Dispense: takes stock")).to_be_disabled()
    lines = await page.locator(".pack").count()
    for done in range(1, lines + 1):  # the boxes stand there without a code
        box = page.locator(".pack").filter(has_text="To scan").first
        await box.get_by_text("Not scanned: why").click()
        await box.get_by_label("Why").select_option("no code")
        await box.get_by_role("button", name="Confirm without a scan").click()
        await expect(page.get_by_text(f"{done} of {lines} line")).to_be_visible()
    await page.locator("h1").click()
    await kim.presses("d")
    await expect(page.locator("#action")).to_contain_text("Ready to collect")
    given = kim.part("Prescription")
    await expect(given).to_contain_text("6 capsules of batch FEW-6")
    await expect(given).to_contain_text("9 capsules of batch")
    batches = await given.locator("article", has_text="amoxicillin").locator(".code").all_inner_texts()
    labels = page.get_by_role("link", name="Print labels")
    paper = pypdfium2.PdfDocument(BytesIO(await kim.pdf(await labels.get_attribute("href") or "")))
    text = " ".join(sheet.get_textpage().get_text_bounded() for sheet in paper)
    assert len(batches) == 2
    assert [batch for batch in batches if batch not in text] == []
    assert await page.get_by_role("radio", name="Given").is_checked() is False
    await page.get_by_role("radio", name="Given").check()
    await page.get_by_role("radio", name="The patient").check()
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.locator("#action")).to_contain_text("Collected")


async def ada_completes_the_visit(cast: Cast) -> None:
    page = cast.ada.page
    await page.get_by_role("link", name="Written in this visit").click()
    await page.get_by_role("button", name="Complete visit").click()
    await expect(page.locator("#action")).to_contain_text("Completed")


async def ruth_takes_card_and_cash(cast: Cast) -> None:
    ruth, page = cast.ruth, cast.ruth.page
    await ruth.room("Billing")
    await page.locator("#filter--invoices").fill(FAMILY)
    bill = page.get_by_role("table", name="Invoices").get_by_role("row", name=re.compile(f"{FAMILY}.*80.00", re.I))
    await bill.get_by_role("link").click()
    await expect(page.get_by_label("Handed over")).to_be_focused()
    sums = page.locator("section[aria-labelledby=sums]")
    await expect(sums).to_contain_text("$80.00 to pay")
    await ruth.part("Card, transfer, insurance").get_by_label("Amount").fill("50")
    await ruth.presses("Control+Enter")
    await expect(sums).to_contain_text("$30.00 to pay")
    await page.get_by_label("Handed over").focus()
    await page.keyboard.type("50", delay=HANDS)
    await expect(page.locator("#change")).to_contain_text("Change $20.00")
    await ruth.presses("Enter")
    await expect(page.get_by_role("status").filter(has_text="Give $20.00 change")).to_be_visible()
    await expect(sums).to_contain_text("Paid")
    receipt = page.get_by_role("link", name=re.compile("Print the receipt"))
    assert (await ruth.pdf(await receipt.get_attribute("href") or "")).startswith(b"%PDF")


async def kim_is_paid_for_the_medicines(cast: Cast) -> None:
    kim, page = cast.kim, cast.kim.page
    await kim.presses("p")
    await page.wait_for_url("**/invoices/*")
    await expect(page.get_by_role("table", name="Lines")).to_contain_text("amoxicillin 500 mg capsule")
    await expect(page.locator("section[aria-labelledby=sums]")).to_contain_text("Tax")
    await page.get_by_label("Handed over").focus()
    await kim.types("100")
    await expect(page.get_by_role("status").filter(has_text="change")).to_be_visible()


async def everything_is_on_record(cast: Cast) -> None:
    await cast.ruth.part("Patient").get_by_role("link", name=NAME).click()
    patient = cast.ruth.here()
    for person, told in (
        (cast.ada, ["Registered", "Allergy: penicillin", "Appointment", "Visit", "Prescription", "Dispensed"]),
        (cast.ruth, ["Registered", "Appointment", "Invoice"]),
    ):
        await person.page.goto(f"/patients/{patient}/timeline")
        for words in told:
            await expect(person.page.locator(".timeline-title").filter(has_text=words).first).to_be_visible()

    page, log = cast.iris.page, cast.iris.page.get_by_role("table", name="Audit log")
    await cast.iris.room("Audit")
    for verb, who in DONE.items():
        await page.goto(f"/audit?patient_id={patient}&verb={verb}")
        said = verb.replace(".", " · ").replace("_", " ")
        await expect(log.locator("tbody tr").filter(has_text=said).filter(has_text=who).first).to_be_visible()
