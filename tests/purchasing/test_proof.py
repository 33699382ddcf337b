"""What deliveries say was shelved is held against the ledger, line by line."""

from decimal import Decimal

import pytest

from galen import purchasing
from galen.core.context import Context
from galen.purchasing import Delivery, ReceiptDraft
from tests.inventory.tampering import tampered
from tests.purchasing.people import line, medicine, started, supplier

D = Decimal


@pytest.fixture
async def received(ben: Context) -> Delivery:
    """Five packs of thirty, one of them free, ten tablets damaged."""
    delivery = await started(ben, await supplier(ben))
    draft = line(await medicine(ben, "zinc sulfate"), packs=4, free_packs=1, refused=10, refused_because="damaged")
    await purchasing.add_line(ben, delivery.id, draft)
    await purchasing.receive_delivery(ben, delivery.id, ReceiptDraft())
    await ben.flush()
    assert await purchasing.drift(ben) == []
    return delivery


async def test_a_line_that_was_changed_afterwards_is_named(ben: Context, received: Delivery) -> None:
    changed = "UPDATE org_north.delivery_line SET free_packs = 2 WHERE delivery_id = :id"
    await tampered(ben, changed, id=received.id)
    (found,) = await purchasing.drift(ben)
    assert (found.what, found.quantity, found.moved) == ("delivered", D(170), D(140))


async def test_a_movement_for_a_line_that_is_gone_is_named(ben: Context, received: Delivery) -> None:
    await tampered(ben, "DELETE FROM org_north.delivery_line WHERE delivery_id = :id", id=received.id)
    (found,) = await purchasing.drift(ben)
    assert (found.what, found.moved) == ("delivered on no line", D(140))
