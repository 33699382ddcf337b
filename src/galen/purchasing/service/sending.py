"""An order goes out once: by mail with its paper and its lines as a table, or by hand."""

import csv
import io
from pathlib import Path
from typing import Any
from uuid import UUID

from galen.core.context import Context
from galen.core.errors import Conflict, Invalid
from galen.core.gate import requires
from galen.core.web.formats import day, money, when
from galen.i18n import gettext as _
from galen.inventory import harmless
from galen.medicines import Product, products
from galen.notifications import MessageAttachment, send
from galen.organizations import Site, country_of
from galen.pdf import pdf
from galen.values.units import plain

from ..order_schemas import SendingDraft
from ..orders import PurchaseOrder, PurchaseOrderStatus, SentHow
from ..suppliers import Supplier
from .orders import held_order, touch_order

PAPERS = Path(__file__).parents[1] / "papers"


class GoesOutOnce(Conflict):
    message = "Order {number} is {now}. An order goes out once, when it is approved. Nothing was sent."


@requires("order.approve")
async def send_order(ctx: Context, order_id: UUID, draft: SendingDraft) -> PurchaseOrder:
    """Send an approved order by mail, or say that it went out by hand."""
    order = await held_order(ctx, order_id, draft.version)
    if not order.approved:
        raise GoesOutOnce(number=order.number, now=order.status.word)
    supplier = await ctx.get(Supplier, order.supplier_id)
    if draft.how is SentHow.MAIL:
        if not (to := draft.to or supplier.email):
            problem = _("%(name)s has no mail address. Write one here, or send it by hand.", name=supplier.name)
            raise Invalid("to", problem)
        await mail(ctx, order, supplier, to)
        order.sent_to = to
        ctx.flash(_("Order %(number)s goes to %(to)s.", number=order.number, to=to))
    else:
        ctx.flash(_("Order %(number)s is marked as sent.", number=order.number))
    order.sent_how, order.sent_name, order.sent_at = draft.how, ctx.actor.name, ctx.now
    order.status = PurchaseOrderStatus.SENT
    touch_order(ctx, order)
    return order


async def mail(ctx: Context, order: PurchaseOrder, supplier: Supplier, to: str) -> None:
    """The message with both files, in the transaction that marks the order as sent."""
    site = await ctx.get(Site, order.site_id)
    content = await content_of(ctx, order, supplier, site)
    files = [
        MessageAttachment(name=f"{order.number}.pdf", media_type="application/pdf", content=await drawn(content)),
        MessageAttachment(name=f"{order.number}.csv", media_type="text/csv", content=await sheet(ctx, order)),
    ]
    subject = _("Purchase order %(number)s from %(name)s", number=order.number, name=ctx.organization.name)
    account = _("Our account with you: %(account)s", account=supplier.account) if supplier.account else ""
    words = [
        _("Please deliver the attached order %(number)s to %(site)s.", number=order.number, site=site.name),
        account, order.note, _("The order is attached as a PDF and as a table (CSV)."),
        f"{ctx.actor.name}, {ctx.organization.name}",
    ]  # fmt: skip
    text = "\n\n".join(word for word in words if word)
    await send(ctx, channel="email", to=to, subject=subject, text=text, about=f"purchase order {order.id}", files=files)


@requires("order.write")
async def print_order(ctx: Context, order_id: UUID) -> bytes:
    """An order as PDF; a draft says that it is one."""
    order = await ctx.get(PurchaseOrder, order_id, include=(PurchaseOrder.supplier, PurchaseOrder.site))
    return await drawn(await content_of(ctx, order, order.supplier, order.site))


async def drawn(content: dict[str, Any]) -> bytes:
    return await pdf(PAPERS / "order.typ", content)


async def content_of(ctx: Context, order: PurchaseOrder, supplier: Supplier, site: Site) -> dict[str, Any]:
    """What stands on the paper, in words."""
    spoken, known = money(ctx), await products_of(ctx, order)
    unknown = _("to be confirmed")
    return {
        "paper": country_of(ctx.organization.country).paper,
        "title": _("Purchase order"),
        "number": order.number,
        "date": day(ctx)(order.approved_at.astimezone(site.tz).date() if order.approved_at else ctx.today),
        "draft": order.draft or order.status is PurchaseOrderStatus.CANCELLED,
        "buyer": [ctx.organization.name, site.name, site.address, site.phone],
        "seller": [supplier.name, supplier.contact, supplier.email, supplier.phone],
        "facts": [
            [_("Our account with you"), supplier.account],
            [_("Deliver to"), ", ".join(filter(None, (site.name, site.address)))],
            [_("Wanted by"), day(ctx)(order.wanted_on) if order.wanted_on else ""],
            [_("Note"), order.note],
        ],
        "lines": [
            {
                "code": line.code, "text": known[line.product_id].label,
                "pack": known[line.product_id].counted(line.pack_size),
                "packs": plain(line.packs), "price": unknown if line.price is None else spoken(line.price),
                "cost": "" if line.cost is None else spoken(line.cost),
            }
            for line in order.lines
        ],
        "total": spoken(order.total) if order.priced else unknown,
        "printed": _("Printed %(at)s by %(who)s", at=when(ctx)(ctx.now, site), who=ctx.actor.name),
        "words": {
            "draft": order.status.word, "from": _("From"), "to": _("To"), "code": _("Your code"), "what": _("Medicine"),
            "pack": _("Pack"), "packs": _("Packs"), "price": _("A pack"), "cost": _("Cost"), "page": _("Page"),
            "total": _("Total before tax"),
        },
    }  # fmt: skip


async def products_of(ctx: Context, order: PurchaseOrder) -> dict[UUID, Product]:
    return await products(ctx, [line.product_id for line in order.lines])


@requires("order.write")
async def order_csv(ctx: Context, order_id: UUID) -> bytes:
    """The lines of an order for a spreadsheet, or for the supplier's own page."""
    return await sheet(ctx, await ctx.get(PurchaseOrder, order_id))


async def sheet(ctx: Context, order: PurchaseOrder) -> bytes:
    """One line a medicine: numbers plain, texts harmless, the barcode as text."""
    known = await products_of(ctx, order)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Order", "Line", "Code", "Medicine", "Pack size", "Unit", "Packs", "Price", "Currency"])
    for line in order.lines:
        product = known[line.product_id]
        price = "" if line.price is None else plain(line.price)
        cells = [line.code, product.label, plain(line.pack_size), product.unit, plain(line.packs), price]
        writer.writerow([order.number, line.position, *map(harmless, cells), ctx.organization.currency])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
