"""Receive, dispense, owe, reverse, send, count, recall and destroy in any order: the stock is always true."""

import asyncio
import os
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from galen import dispensing, inventory, medicines, organizations, patients, prescribing
from galen.core.context import Context
from galen.demo import PASSWORD
from galen.inventory import MovementKind, StockLevel
from galen.inventory.allocation import ISSUE_STOCK
from galen.inventory.service import moves
from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft, SignatureDraft
from tests.floor.machine import Floor, played

D = Decimal
RUNS = int(os.environ.get("GALEN_SOAK", "60"))
COURSES = [("1 tab bd x5/7", 10, 5), ("1 tab daily for 30 days", 30, 30), ("2 tabs bd for 7 days", 28, 7)]


async def as_owner(database: Any, statement: str) -> None:
    """Change the test's own database, until it is rolled back."""
    await database.one.execute(text("RESET ROLE"))
    await database.raw.execute(statement)
    await database.enter("north")


@pytest_asyncio.fixture
async def floor(ada: Context, ben: Context, kim: Context, iris: Context, catch_up: Any, database: Any) -> Floor:
    """Two pharmacies, a strength of paracetamol that nobody has yet, and three patients who wait for it."""
    part = medicines.PartDraft(name="paracetamol", strength="511 mg")
    product = await medicines.add_medicine(
        iris, medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(10), price=D(3))
    )
    hill = await organizations.add_site(
        iris, organizations.SiteDraft(name="Hill Pharmacy", kind=organizations.SiteKind.PHARMACY)
    )
    await iris.flush()
    waiting = []
    for family, (directions, quantity, days) in zip(["Abernathy", "Brackett", "Cotterill"], COURSES, strict=True):
        draft = patients.PatientDraft(family=family, given="Zoe", born="1980-01-02", sex="female")
        patient = await patients.register(ada, draft)
        line = PrescriptionLineDraft(product_id=product.id, directions=directions)
        rx = await prescribing.draft(ada, PrescriptionDraft(patient_id=patient.id, lines=[line]))
        await prescribing.sign(ada, rx.id, SignatureDraft(password=PASSWORD))
        await ada.flush()
        record = await dispensing.enqueue(ben, dispensing.DispensingDraft(prescription_id=rx.id))
        await ben.flush()
        assert record.lines[0].quantity == quantity
        waiting.append((record.id, D(quantity), days))
    home = (await ben.db.scalars(select(organizations.Site).where(organizations.Site.id == ben.here.id))).one()
    loop = asyncio.get_running_loop()
    return Floor(ben, kim, database.one, loop, product.id, D(10), [home, hill], waiting)


async def test_whatever_happens_ledger_balance_and_model_agree(floor: Floor) -> None:
    told = await asyncio.to_thread(played, floor, RUNS)
    happened = {rule for rule, so in told if so}
    assert happened == {"receive", "adjust", "count", "set_aside", "back_to_supplier", "destroy", "send", "arrive",
                        "dispense", "hand_over", "reverse"}, told  # fmt: skip
    assert ("dispense", False) in told


async def test_an_allocator_that_hands_out_what_was_recalled_is_found(floor: Floor, database: Any) -> None:
    """The broken variant, without the database's own rule: that alone would refuse each such line of the ledger."""
    careless = ISSUE_STOCK.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace("AND b.status = 'ok' ", "")
    assert careless.count("b.status") == 0
    await as_owner(database, f"{careless}; DROP TRIGGER recalled_units_stay ON org_north.movement")
    with pytest.raises(AssertionError, match=r"state\.dispense\("):
        await asyncio.to_thread(played, floor, 1000, shortest=False)


async def test_an_allocator_that_hands_out_what_has_expired_is_found(floor: Floor, database: Any) -> None:
    careless = ISSUE_STOCK.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    careless = careless.replace("AND (b.expires IS NULL OR b.expires >= today)", "")
    await as_owner(database, careless)
    with pytest.raises(AssertionError, match=r"state\.dispense\("):
        await asyncio.to_thread(played, floor, 1000, shortest=False)


async def test_goods_that_come_back_twice_are_found(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: what was given back already is given back again."""
    honest = moves.give_back

    async def twice(ctx: Context, reference: Any, *, reason: str = "Given back") -> Any:
        given = await honest(ctx, reference, reason=reason)
        for pick in given:
            level = await ctx.db.scalar(select(StockLevel).where(StockLevel.batch_id == pick.batch_id).limit(1))
            assert level
            moves.move(ctx, level, MovementKind.REVERSAL, pick.quantity, reason, reference)
        return given

    monkeypatch.setattr(inventory, "give_back", twice)
    with pytest.raises(AssertionError):
        await asyncio.to_thread(played, floor, 1000, shortest=False)
