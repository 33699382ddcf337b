"""What every recall begins with: a medicine of its own with two batches, at two pharmacies, and people who got some."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from galen import dispensing, inventory, medicines, organizations, prescribing, recalls
from galen.core.context import Context
from galen.core.finish import finish
from galen.demo import PASSWORD
from galen.dispensing import (
    AnswerDraft,
    CollectedBy,
    CollectionDraft,
    Counselling,
    Dispensing,
    SupplyDraft,
    VerificationDraft,
)
from galen.dispensing.schemas import PharmacistReason
from galen.inventory import Batch, BatchDraft, StockLevel
from galen.medicines import Product
from galen.patients import Patient
from galen.prescribing import PrescriptionDraft, PrescriptionLineDraft, SignatureDraft
from galen.recalls import Recall, RecallDraft

TO_PATIENT = CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)

D = Decimal


class Story:
    """The verbs of a recall, short."""

    def __init__(self, ada: Context, ben: Context, mara: Patient, catch_up: Callable[..., Awaitable[list[str]]]):
        self.ada, self.ben, self.mara, self.catch_up = ada, ben, mara, catch_up

    async def product(self, words: str = "cefalexin 500") -> Product:
        return (await medicines.find_medicines(self.ada, words, limit=1))[0]

    async def shelved(self, product: Product, number: str, units: int = 100, days: int = 400, **said: Any) -> Batch:
        expires = f"{self.ben.today.year + 2}-{1 + days % 12:02}"
        draft = {"product_id": product.id, "number": number, "expires": expires, "units": units} | said
        batch = await inventory.receive(self.ben, BatchDraft.model_validate(draft))
        await self.ben.flush()
        return batch

    async def dispensed(self, product: Product, patient: Patient | None = None, quantity: int = 20) -> Dispensing:
        """Prescribed, verified and taken from the shelf; it waits to be handed over."""
        line = PrescriptionLineDraft(product_id=product.id, directions="1 cap po qid", quantity=D(quantity))
        asked = PrescriptionDraft(patient_id=(patient or self.mara).id, lines=[line])
        rx = await prescribing.draft(self.ada, asked)
        await prescribing.sign(self.ada, rx.id, SignatureDraft(password=PASSWORD))
        await self.catch_up()
        supply = await self.ben.db.scalar(select(Dispensing).where(Dispensing.prescription_id == rx.id))
        assert supply
        asked_back = (await dispensing.desk(self.ben, supply.id)).needed  # a second supply comes early
        answers = [AnswerDraft(key=question.key, reason=PharmacistReason.ACCEPTED) for question in asked_back]
        await dispensing.verify(self.ben, supply.id, VerificationDraft(answers=answers))
        done = await dispensing.dispense(self.ben, supply.id, SupplyDraft())
        await self.ben.flush()
        return done

    async def collected(self, product: Product, patient: Patient | None = None, quantity: int = 20) -> Dispensing:
        supply = await self.dispensed(product, patient, quantity)
        await dispensing.hand_over(self.ben, supply.id, TO_PATIENT)
        await self.ben.flush()
        return supply

    async def opened(self, product: Product, *lots: str, **said: Any) -> Recall:
        asked = {"source": "The maker", "products": [{"product_id": product.id}], "lots": list(lots)} | said
        recall = await recalls.open_recall(self.ben, RecallDraft.model_validate(asked))
        await self.ben.flush()
        return recall

    async def blocked(self, product: Product, *lots: str, **said: Any) -> Recall:
        recall = await self.opened(product, *lots, **said)
        await recalls.block(self.ben, recall.id)
        await self.ben.flush()
        return recall

    async def finish(self, ctx: Context) -> None:
        """What an action leaves: its audit rows, and the jobs that its facts wake."""
        await finish(ctx)

    async def level(self, batch: Batch, site_id: UUID | None = None) -> StockLevel:
        query = select(StockLevel).where(StockLevel.batch_id == batch.id)
        level = await self.ben.db.scalar(query.where(StockLevel.site_id == site_id) if site_id else query)
        assert level
        return level

    @asynccontextmanager
    async def refused(self, ctx: Context, refusal: type[Exception], match: str | None = None) -> AsyncIterator[Any]:
        """As a request would: what was refused is rolled back."""
        async with ctx.db.begin_nested() as savepoint:
            await ctx.db.connection()
            with pytest.raises(refusal, match=match) as told:
                yield told
            await savepoint.rollback()
        ctx.facts.clear()
        ctx.audit.clear()
        ctx.locked.clear()
        ctx.db.expire_all()


@pytest.fixture
def story(ada: Context, ben: Context, mara: Patient, catch_up: Any) -> Story:
    return Story(ada, ben, mara, catch_up)


@pytest.fixture
async def second(iris: Context) -> organizations.Site:
    draft = organizations.SiteDraft(name="Hill Pharmacy", kind=organizations.SiteKind.PHARMACY)
    site: organizations.Site = await organizations.add_site(iris, draft)
    await iris.flush()
    return site


@pytest.fixture
async def kim_there(kim: Context, second: organizations.Site) -> Context:
    kim.site = second.info
    return kim
