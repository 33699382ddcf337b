"""What of a recalled batch was sold over the counter, and to whom, as far as the counter knows."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from galen.core.context import Context
from galen.counter import Sale
from galen.inventory import Batch, Movement
from galen.medicines import Product
from galen.organizations import Site
from galen.patients import Patient

SHOWN = 100


def bought(batch: ColumnElement[bool]) -> Any:
    """Each sale that took some of these batches off the shelf and did not bring it back, batch by batch."""
    left = -func.sum(Movement.quantity)
    return (
        select(Sale.id.label("sale_id"), Sale.patient_id, Movement.batch_id, Movement.product_id, left.label("units"))
        .join(Movement, (Movement.reference_id == Sale.id) & (Movement.reference_kind == "sale"))
        .where(batch)
        .group_by(Sale.id, Movement.batch_id, Movement.product_id)
        .having(left > 0)
    )


def of_recall(recalled: Select[Any]) -> Any:
    return bought(Movement.batch_id.in_(recalled))


async def units_bought(ctx: Context, patient_id: UUID, batch_id: UUID) -> Decimal:
    """How much of a batch a patient bought over the counter."""
    mine = bought(Movement.batch_id == batch_id).where(Sale.patient_id == patient_id).subquery()
    return await ctx.db.scalar(select(func.coalesce(func.sum(mine.c.units), 0))) or Decimal(0)


def sold_lines(recalled: Select[Any]) -> Any:
    sale = of_recall(recalled).subquery()
    name = func.concat_ws(" ", func.nullif(Patient.given, ""), Patient.family)
    return (
        select(
            sale.c.sale_id, sale.c.patient_id, Sale.number.label("sale"), Site.name.label("site"),
            func.coalesce(func.nullif(name, ""), Sale.buyer_name).label("buyer"), sale.c.batch_id,
            Batch.number.label("batch"), sale.c.units.label("quantity"), Product.unit, Sale.sold_at.label("at"),
        )
        .join(Sale, Sale.id == sale.c.sale_id)
        .join(Site, Site.id == Sale.site_id)
        .join(Batch, Batch.id == sale.c.batch_id)
        .join(Product, Product.id == sale.c.product_id)
        .outerjoin(Patient, Patient.id == sale.c.patient_id)
        .order_by(Sale.sold_at.desc(), Sale.id, sale.c.batch_id)
        .limit(SHOWN)
    )  # fmt: skip
