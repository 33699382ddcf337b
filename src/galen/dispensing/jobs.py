"""What wakes the pharmacy: signed and cancelled prescriptions, and the clock."""

from galen.core.context import Context
from galen.core.events import on
from galen.core.jobs import every
from galen.i18n import N_
from galen.inventory import StockArrived
from galen.prescribing import PrescriptionCancelled, PrescriptionSigned

from . import service
from .events import BagDue

CANCELLED = N_("The prescription was cancelled")


@on(PrescriptionSigned)
async def to_the_pharmacy(ctx: Context, fact: PrescriptionSigned) -> None:
    """A signed prescription appears in the work queue."""
    await service.receive(ctx, fact.prescription_id)


@on(PrescriptionCancelled)
async def no_longer_wanted(ctx: Context, fact: PrescriptionCancelled) -> None:
    """A cancelled prescription leaves the work queue."""
    await service.cancel_open(ctx, fact.prescription_id, CANCELLED)


@on(StockArrived)
async def wake_what_waits_for_stock(ctx: Context, fact: StockArrived) -> None:
    """What was held until stock comes waits again when enough has."""
    await service.wake_stocked(ctx, fact.site_id, fact.product_id)


@every("15m")
async def wake_the_held(ctx: Context) -> None:
    """What was held until today waits again."""
    await service.wake(ctx)


@every("15m")
async def clear_the_expired(ctx: Context) -> None:
    """What waits on an expired prescription leaves the work queue."""
    await service.clear_expired(ctx)


@every("1h")
async def look_at_the_bags(ctx: Context) -> None:
    """What has waited too long on the will-call shelf is looked at, bag by bag."""
    await service.look_at_bags(ctx)


@on(BagDue)
async def tend_a_bag(ctx: Context, fact: BagDue) -> None:
    """One bag: its patient is reminded, or it goes back into stock."""
    await service.tend_bag(ctx, fact.bag_id)
