"""What every story here begins with: a signed prescription that has reached the pharmacy."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from galen import dispensing, inventory, medicines, prescribing
from galen.core.context import Context
from galen.demo import PASSWORD
from galen.dispensing import Dispensing
from galen.inventory import BatchDraft, Movement
from galen.medicines import Product
from galen.patients import Patient
from galen.prescribing import OverrideDraft, PrescriptionDraft, PrescriptionLineDraft, SignatureDraft


def afresh(ctx: Context) -> Context:
    """What the next request would see: nothing is remembered."""
    ctx.locked.clear()
    ctx.db.expire_all()
    return ctx


@dataclass
class Pharmacy:
    """The verbs of a story, short."""

    ada: Context
    ben: Context
    mara: Patient
    catch_up: Callable[[], Awaitable[list[str]]]

    async def product(self, words: str) -> Product:
        return (await medicines.find_medicines(self.ada, words, limit=1))[0]

    async def stocked(self, words: str, *batches: tuple[str, int, int]) -> Product:
        """Batches of a medicine that has none so far: number, units, days until it expires."""
        product = await self.product(words)
        assert (await inventory.on_hand(self.ben, [product.id]))[product.id] == 0
        for number, units, days in batches:
            expires = self.ben.today + timedelta(days=days)
            await inventory.receive(
                self.ben, BatchDraft(product_id=product.id, number=number, expires=expires, units=Decimal(units))
            )
        return product

    async def signed(
        self, *lines: dict[str, Any], overrides: tuple[OverrideDraft, ...] = ()
    ) -> prescribing.Prescription:
        asked = PrescriptionDraft(
            patient_id=self.mara.id, lines=[PrescriptionLineDraft(**line) for line in lines], overrides=list(overrides)
        )
        rx = await prescribing.draft(self.ada, asked)
        return await prescribing.sign(self.ada, rx.id, SignatureDraft(password=PASSWORD))

    async def queued(self, *lines: dict[str, Any], overrides: tuple[OverrideDraft, ...] = ()) -> Dispensing:
        rx = await self.signed(*lines, overrides=overrides)
        await self.catch_up()
        found = await self.ben.db.scalar(select(Dispensing).where(Dispensing.prescription_id == rx.id))
        assert found
        return found

    async def verified(self, *lines: dict[str, Any]) -> Dispensing:
        record = await self.queued(*lines)
        return await dispensing.verify(self.ben, record.id, dispensing.VerificationDraft())

    @asynccontextmanager
    async def refused(self, ctx: Context, refusal: type[Exception], match: str | None = None) -> AsyncIterator[Any]:
        """As a request would: what was refused is rolled back."""
        async with ctx.db.begin_nested() as savepoint:
            await ctx.db.connection()  # the savepoint stands before what goes past the session
            with pytest.raises(refusal, match=match) as told:
                yield told
            await savepoint.rollback()
        ctx.facts.clear()
        ctx.audit.clear()
        afresh(ctx)

    async def on_hand(self, product: Product) -> Decimal:
        return (await inventory.on_hand(self.ben, [product.id]))[product.id]

    async def movements(self, record: Dispensing) -> list[tuple[str, Decimal]]:
        query = select(Movement).where(Movement.reference_id == record.id).order_by(Movement.seq)
        return [(m.kind.value, m.quantity) for m in await self.ben.db.scalars(query)]


@pytest.fixture
def pharmacy(ada: Context, ben: Context, mara: Patient, catch_up: Any) -> Pharmacy:
    return Pharmacy(ada, ben, mara, catch_up)
