"""A till from the float to the report in the browser, by keyboard: change is given, the count is blind."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import URL, select

from galen import billing, organizations
from galen.app import services_for
from galen.billing import ChargeLine, DrawerDraft, Invoice
from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database
from galen.identity import Account
from tests.journey.people import Person, browser_of

pytestmark = pytest.mark.browser


@pytest_asyncio.fixture
async def invoice(young_day: URL) -> AsyncIterator[Invoice]:
    """A drawer at Ruth's desk, and somebody at the counter who owes 12.33."""
    database = Database(young_day.set(username=APP_ROLE, password=password_for(APP_ROLE)), pool=1)
    async with services_for(database).as_system("north", "test") as ctx:
        site_id = await ctx.db.scalar(select(Account.site_id).where(Account.username == "ruth"))
        ctx.site = (await ctx.get(organizations.Site, site_id)).info
        await billing.add_drawer(ctx, DrawerDraft(name="Desk by the door"))
        line = ChargeLine("Sunscreen", Decimal(1), Decimal("12.33"), "goods")
        made = await billing.charge(ctx, patient_id=None, reference=None, lines=[line])
    yield made
    await database.close()


async def test_a_till_is_opened_used_counted_and_closed(live: str, chromium: str, invoice: Invoice) -> None:
    async with browser_of(chromium) as browser:
        ruth = await Person.at(browser, live, "ruth")
        page = ruth.page
        await page.goto("/till/mine")
        await page.get_by_text("Desk by the door").click()
        await page.get_by_label("Float counted").focus()
        await ruth.types("150", "")
        await expect(page.get_by_text("The till at Desk by the door is open with $150.00.")).to_be_visible()

        await page.goto(f"/invoices/{invoice.id}")
        await page.get_by_label("Handed over").focus()
        await ruth.types("20")
        await expect(page.get_by_text("Give $7.65 change.")).to_be_visible()

        await page.goto("/till/mine")
        await page.keyboard.press("x")
        await expect(page.get_by_role("heading", name="X report")).to_be_visible()
        await expect(
            page.get_by_text("What should be in the drawer is shown after you have counted it.")
        ).to_be_visible()
        assert "162.35" not in await page.content()

        await page.goto("/till/mine")
        await page.keyboard.press("c")
        await page.get_by_label("$50.00").fill("3")
        await page.get_by_label("$10.00").fill("1")
        await page.get_by_label("$2.00").fill("1")
        await page.get_by_label("$0.20").fill("1")
        await page.get_by_label("$0.05").focus()
        await ruth.types("2", "")
        await expect(page.get_by_text("$0.05 short")).to_be_visible()
        await page.get_by_label("Left in the drawer").fill("150")
        await page.get_by_label("Why it differs").focus()
        await ruth.types("A coin fell behind the desk")
        await expect(page.get_by_role("heading", name="Z report 1")).to_be_visible()
        await expect(page.get_by_text("A coin fell behind the desk")).to_be_visible()
        assert ruth.complaints == []
