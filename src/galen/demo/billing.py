"""A few invoices, so that the till and the lists of the demo show something."""

from decimal import Decimal

from sqlalchemy import select

from galen import billing, organizations
from galen.billing import ChargeLine, DrawerDraft, Method, PaymentDraft
from galen.core.context import Context
from galen.patients import Patient

SOLD = [
    ("Standard consultation", "85.00", "service"),
    ("Sunscreen SPF 50", "18.95", "goods"),
    ("Wound dressing, sterile", "6.42", "goods"),
    ("Long consultation", "132.50", "service"),
]


async def seed(ctx: Context) -> None:
    """The books begin empty."""


async def seed_bulk(ctx: Context) -> None:
    """A drawer at each site; some bills of the day: paid, part paid and open."""
    (site, *others), before = await organizations.sites(ctx), ctx.site
    for place, name in ((site, "Front desk"), *((other, "Counter") for other in others)):
        ctx.site = place.info
        await billing.add_drawer(ctx, DrawerDraft(name=name))
    ctx.site = site.info
    people = list(await ctx.db.scalars(select(Patient).order_by(Patient.id).limit(8)))
    for turn, patient in enumerate(people):
        text, price, tax_class = SOLD[turn % len(SOLD)]
        line = ChargeLine(text, Decimal(1 + turn % 2), Decimal(price), tax_class)
        invoice = await billing.charge(ctx, patient_id=patient.id, reference=None, lines=[line])
        await ctx.flush()
        if turn % 3 == 0:
            await billing.take_payment(ctx, invoice.id, PaymentDraft(method=Method.CARD))
        elif turn % 3 == 1:
            await billing.take_payment(ctx, invoice.id, PaymentDraft(method=Method.CASH, tendered=Decimal(5)))
    ctx.site = before
