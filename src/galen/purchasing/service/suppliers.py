"""Whom stock is bought from."""

from uuid import UUID

from sqlalchemy import or_, select

from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.i18n import gettext as _
from galen.medicines import PriceListApplied
from galen.sorting import Orders, count_of
from galen.values import like

from ..schemas import SupplierDraft
from ..suppliers import Supplier
from .prices import LISTED

OFFERED = 20
ORDERS = Orders("name", name=Supplier.name, contact=Supplier.contact, account=Supplier.account)


class SupplierArchived(Conflict):
    message = "{name} is in the archive. Restore this supplier first, or choose another."


class NotAStore(Conflict):
    message = "{name} keeps no stock. Choose the pharmacy that the goods came to."


class SupplierNameTaken(Conflict):
    message = "There is a supplier of this name already. Open it, or restore it from the archive."
    constraint = "supplier_name_key"


@requires("stock.receive")
async def suppliers(
    ctx: Context, q: str = "", archived: bool = False, after: str | None = None, sort: str = ""
) -> Slice[Supplier]:
    """All suppliers by name (or `contact`, `account`), or those whose name, contact or account number has the words."""
    kept = Supplier.archived_at.is_not(None) if archived else Supplier.archived_at.is_(None)
    query = select(Supplier).where(kept)
    if words := q.strip():
        fields = Supplier.name, Supplier.contact, Supplier.account
        query = query.where(or_(*(column.ilike(like.within(words)) for column in fields)))
    page = await ctx.slice(query, after, **ORDERS.of(sort))
    page.count = await count_of(ctx.db, query)
    return page


@requires("stock.receive")
async def supplier_options(ctx: Context, q: str = "") -> list[Supplier]:
    """Suppliers to choose from while typing."""
    return (await suppliers(ctx, q)).items[:OFFERED]


@requires("stock.receive")
async def open_supplier(ctx: Context, supplier_id: UUID) -> Supplier:
    """One supplier."""
    return await ctx.get(Supplier, supplier_id)


@requires("stock.receive")
async def add_supplier(ctx: Context, draft: SupplierDraft) -> Supplier:
    """Write a supplier down."""
    ctx.flash(_("Supplier %(name)s is written down.", name=draft.name))
    ctx.emit(PriceListApplied(f"{LISTED}{draft.name}"))  # its list may have come before it
    return ctx.add(Supplier(**draft.model_dump(exclude={"version"})))


@requires("stock.receive")
async def edit_supplier(ctx: Context, supplier_id: UUID, draft: SupplierDraft) -> Supplier:
    """Write a supplier down anew; deliveries stay with it."""
    if draft.version is not None:
        ctx.if_match = draft.version
    supplier = await ctx.get(Supplier, supplier_id, lock=True)
    for name, value in draft.model_dump(exclude={"version"}).items():
        setattr(supplier, name, value)
    ctx.flash(_("Saved."))
    return supplier


@requires("stock.receive")
async def archive_supplier(ctx: Context, supplier_id: UUID) -> Supplier:
    """Take a supplier out of the lists. Its deliveries stay readable."""
    supplier = await ctx.get(Supplier, supplier_id, lock=True)
    supplier.archived_at = supplier.archived_at or ctx.now
    ctx.flash(_("%(name)s is in the archive.", name=supplier.name))
    return supplier


@requires("stock.receive")
async def restore_supplier(ctx: Context, supplier_id: UUID) -> Supplier:
    """Put a supplier back into the lists."""
    supplier = await ctx.get(Supplier, supplier_id, lock=True)
    supplier.archived_at = None
    ctx.flash(_("%(name)s is in the list again.", name=supplier.name))
    return supplier
