"""A pharmacy floor on which anything may happen in any order, beside a model of it that is ten lines of arithmetic.

Ledger, balance and model agree after each step, nothing is below zero, and nothing expired, set aside or recalled
is handed out. What the model says must be refused is refused, and leaves everything as it was.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from galen import dispensing, inventory, organizations
from galen.core.context import Context
from galen.core.errors import Refusal
from galen.dispensing import (
    CollectedBy,
    CollectionDraft,
    Counselling,
    Dispensing,
    ReversalDraft,
    SupplyDraft,
    VerificationDraft,
)
from galen.inventory import AdjustDraft, BatchDraft, BatchReasonDraft, BatchStatus, Movement, StockLevel
from galen.inventory.models import AdjustReason, DestructionReason, TransferLine
from galen.inventory.schemas import (
    ArrivalDraft,
    ArrivalLineDraft,
    BatchChange,
    CountDraft,
    CountLine,
    DestructionDraft,
    ReturnDraft,
    TransferDraft,
)
from galen.inventory.service import cancel_transfer, send_stock, take_in

D = Decimal
NOTHING = D(0)
LIVES = (20, 60, 200)  # days from the first one on which a batch is good: its number is its place here
SAID = BatchReasonDraft(reason="As drawn")
Place = tuple[int, int]  # at which site, which batch
batches, sites = st.integers(0, len(LIVES) - 1), st.integers(0, 1)
units = st.integers(1, 40).map(D)


@dataclass
class Supply:
    """One dispensing as the model knows it."""

    id: UUID
    wanted: Decimal
    days: int
    stage: str = "open"  # open, ready, collected, ended
    site: int | None = None  # whose it is, once somebody there has worked on it
    given: Counter[int] = field(default_factory=Counter)
    owes: UUID | None = None  # of which it is the owed part


@dataclass
class Model:
    """What should lie where, and why."""

    today: date
    first: date
    lies: Counter[Place] = field(default_factory=Counter)
    known: set[Place] = field(default_factory=set)  # places that exist, also when empty
    status: dict[int, BatchStatus] = field(default_factory=dict)
    away: dict[UUID, tuple[Place, Decimal]] = field(default_factory=dict)  # transfers on their way
    supplies: list[Supply] = field(default_factory=list)

    def good(self, batch: int, day: date) -> bool:
        return self.first + timedelta(days=LIVES[batch]) >= day

    def usable(self, site: int) -> list[int]:
        """The batches that may be handed out here, first expired first."""
        every = [batch for batch in range(len(LIVES)) if self.status.get(batch) is BatchStatus.OK]
        return [batch for batch in every if self.lies[site, batch] and self.good(batch, self.today)]

    def picks(self, site: int, wanted: Decimal, last_day: date) -> tuple[Counter[int], Decimal]:
        """What goes out, and what is missing: batches that outlast the course while those suffice."""
        usable = self.usable(site)
        lasting = [batch for batch in usable if self.good(batch, last_day)]
        enough = sum(self.lies[site, batch] for batch in lasting) >= wanted
        taken, missing = Counter[int](), wanted
        for batch in lasting if enough else usable:
            taken[batch] = min(self.lies[site, batch], missing)
            missing -= taken[batch]
        return +taken, missing


@dataclass
class Floor:
    """Where it happens: two pharmacies, one medicine, prescriptions of several patients that wait to be dispensed."""

    ben: Context
    kim: Context
    connection: AsyncConnection
    loop: asyncio.AbstractEventLoop
    product_id: UUID
    pack: Decimal
    places: list[organizations.Site]
    waiting: list[tuple[UUID, Decimal, int]]
    clock: Any = None

    def wait(self, what: Awaitable[Any]) -> Any:
        async def whole() -> Any:
            return await what

        return asyncio.run_coroutine_threadsafe(whole(), self.loop).result(60)

    @contextmanager
    def kept_apart(self) -> Iterator[None]:
        """Everything that happens within is forgotten."""
        before = self.ben.now
        self.wait(self.say("SAVEPOINT run"))
        try:
            yield
        finally:
            self.wait(self.say("ROLLBACK TO SAVEPOINT run"))
            self.wait(self.forget())
            self.at(before)

    async def say(self, statement: str) -> None:
        await self.connection.execute(text(statement))

    async def forget(self) -> None:
        for ctx in (self.ben, self.kim):
            ctx.facts.clear()
            ctx.audit.clear()
            ctx.locked.clear()
            ctx.db.sync_session.expunge_all()

    def at(self, moment: Any) -> None:
        for ctx in (self.ben, self.kim):
            ctx.now = moment

    def here(self, site: int) -> Context:
        self.ben.site = self.kim.site = self.places[site].info
        return self.ben

    def done(self, verb: Any, *given: Any) -> Any:
        """What the verb answers, or its refusal: then everything is as it was."""

        async def step() -> Any:
            async with given[0].db.begin_nested() as kept:
                await given[0].db.connection()  # the savepoint stands before what goes past the session
                try:
                    answer = await verb(*given)
                    await given[0].flush()
                except (Refusal, DBAPIError) as refusal:  # the database's own word is a refusal, too
                    await kept.rollback()
                    answer = refusal
            await self.forget()
            return answer

        return self.wait(step())


class FloorMachine(RuleBasedStateMachine):
    """Each rule does one thing to the floor and to the model, or is refused by both."""

    floor: Floor  # set by `played`

    @initialize()
    def opened(self) -> None:
        floor = self.floor
        today = floor.ben.today
        waiting = [Supply(id, wanted, days) for id, wanted, days in floor.waiting]
        self.model, self.ids = Model(today, today, supplies=waiting), dict[int, UUID]()
        self.levels: dict[Place, UUID] = {}
        self.saved = floor.kept_apart()
        self.saved.__enter__()
        for site, batch in [(0, 0), (0, 1), (0, 2), (1, 1)]:
            self.receive(site, batch, D(15))

    def teardown(self) -> None:
        if not hasattr(self, "saved"):
            return
        try:
            assert self.floor.wait(inventory.drift(self.floor.ben)) == []
            assert self.floor.wait(dispensing.drift(self.floor.ben)) == []
        finally:
            self.saved.__exit__(None, None, None)

    def agreed(self, answer: Any, refused: bool) -> bool:
        """Floor and model both refuse, or neither."""
        assert isinstance(answer, Exception) == refused, f"{answer!r}"
        self.told[sys._getframe(1).f_code.co_name, not refused] += 1
        return not refused

    told = Counter[tuple[str, bool]]()  # what happened, and what was refused, over all runs

    def learn(self, site: int, batch: int) -> None:
        async def look() -> tuple[UUID, UUID]:
            query = select(StockLevel.id, StockLevel.batch_id).join(inventory.Batch).where(
                StockLevel.product_id == self.floor.product_id,
                StockLevel.site_id == self.floor.places[site].id,
                inventory.Batch.number == f"B{batch}",
            )  # fmt: skip
            level_id, batch_id = (await self.floor.ben.db.execute(query)).one()
            return level_id, batch_id

        self.levels[site, batch], self.ids[batch] = self.floor.wait(look())
        self.model.known.add((site, batch))

    @rule(site=sites, batch=batches, quantity=units)
    def receive(self, site: int, batch: int, quantity: Decimal) -> None:
        expires = self.model.first + timedelta(days=LIVES[batch])
        draft = BatchDraft(product_id=self.floor.product_id, number=f"B{batch}", expires=expires, units=quantity)
        answer = self.floor.done(inventory.receive, self.floor.here(site), draft)
        if self.agreed(answer, refused=not self.model.good(batch, self.model.today)):
            self.model.lies[site, batch] += quantity
            self.model.status.setdefault(batch, BatchStatus.OK)
            self.learn(site, batch)

    @precondition(lambda self: self.model.known)
    @rule(data=st.data(), quantity=st.integers(-40, 20).filter(bool).map(D))
    def adjust(self, data: st.DataObject, quantity: Decimal) -> None:
        place = self.drawn(data)
        code = AdjustReason.WRONG_ENTRY
        draft = AdjustDraft(level_id=self.levels[place], quantity=quantity, reason="As drawn", code=code)
        answer = self.floor.done(inventory.adjust, self.floor.here(place[0]), draft)
        if self.agreed(answer, refused=self.model.lies[place] + quantity < 0):
            self.model.lies[place] += quantity

    @precondition(lambda self: self.model.known)
    @rule(data=st.data(), packs=st.integers(0, 2).map(D), loose=st.integers(0, 12).map(D))
    def count(self, data: st.DataObject, packs: Decimal, loose: Decimal) -> None:
        place = self.drawn(data)
        draft = CountDraft(lines=[CountLine(level_id=self.levels[place], packs=packs, units=loose)])
        answer = self.floor.done(inventory.count_stock, self.floor.here(place[0]), draft)
        self.agreed(answer, refused=False)
        self.model.lies[place] = packs * self.floor.pack + loose

    @precondition(lambda self: self.model.status)
    @rule(data=st.data(), status=st.sampled_from(BatchStatus))
    def set_aside(self, data: st.DataObject, status: BatchStatus) -> None:
        batch = data.draw(st.sampled_from(sorted(self.ids)))
        change = BatchChange(status=status, reason="As drawn")
        answer = self.floor.done(inventory.service.change_batch, self.floor.here(0), self.ids[batch], change)
        was = self.model.status[batch]
        if self.agreed(answer, refused=was is status or was is BatchStatus.RECALLED):
            self.model.status[batch] = status

    @precondition(lambda self: self.model.known)
    @rule(data=st.data(), quantity=units)
    def back_to_supplier(self, data: st.DataObject, quantity: Decimal) -> None:
        place = self.drawn(data)
        draft = ReturnDraft(quantity=quantity, reason="As drawn")
        answer = self.floor.done(inventory.return_to_supplier, self.floor.here(place[0]), self.levels[place], draft)
        if self.agreed(answer, refused=quantity > self.model.lies[place]):
            self.model.lies[place] -= quantity

    @precondition(lambda self: self.model.known)
    @rule(data=st.data(), quantity=units, witnessed=st.booleans())
    def destroy(self, data: st.DataObject, quantity: Decimal, witnessed: bool) -> None:
        place = self.drawn(data)
        ben = self.floor.here(place[0])
        draft = DestructionDraft(
            level_id=self.levels[place], quantity=quantity, reason=DestructionReason.DAMAGED, method="Burnt"
        )
        answer = self.floor.done(inventory.service.propose_destruction, ben, draft)
        if self.agreed(answer, refused=quantity > self.model.lies[place]) and witnessed:
            self.agreed(self.floor.done(inventory.service.witness_destruction, ben, answer.id), refused=True)
            self.agreed(self.floor.done(inventory.service.witness_destruction, self.floor.kim, answer.id), False)
            self.model.lies[place] -= quantity

    @precondition(lambda self: self.model.known)
    @rule(data=st.data(), quantity=units)
    def send(self, data: st.DataObject, quantity: Decimal) -> None:
        site, batch = place = self.drawn(data)
        said = {"level_id": self.levels[place], "quantity": quantity}
        draft = TransferDraft.model_validate({"to_site_id": self.floor.places[1 - site].id, "lines": [said]})
        answer = self.floor.done(send_stock, self.floor.here(site), draft)
        recalled = self.model.status[batch] is BatchStatus.RECALLED
        if self.agreed(answer, refused=recalled or quantity > self.model.lies[place]):
            self.model.lies[place] -= quantity
            self.model.away[answer.id] = place, quantity

    @precondition(lambda self: self.model.away)
    @rule(data=st.data(), lost=st.integers(0, 3).map(D), back=st.booleans())
    def arrive(self, data: st.DataObject, lost: Decimal, back: bool) -> None:
        transfer = data.draw(st.sampled_from(sorted(self.model.away)))
        (site, batch), quantity = self.model.away.pop(transfer)
        if back:
            self.agreed(self.floor.done(cancel_transfer, self.floor.here(site), transfer, SAID), refused=False)
            self.model.lies[site, batch] += quantity
            return
        there, arrived = self.floor.here(1 - site), max(quantity - lost, NOTHING)
        line_id = self.floor.wait(there.db.scalar(select(TransferLine.id).where(TransferLine.transfer_id == transfer)))
        line = ArrivalLineDraft(line_id=line_id, quantity=arrived, reason="" if arrived == quantity else "Broken")
        self.agreed(self.floor.done(take_in, there, transfer, ArrivalDraft(lines=[line])), refused=False)
        self.agreed(self.floor.done(take_in, there, transfer, ArrivalDraft(lines=[line])), refused=True)
        if arrived:
            self.model.lies[1 - site, batch] += arrived
            self.learn(1 - site, batch)

    @precondition(lambda self: any(supply.stage == "open" for supply in self.model.supplies))
    @rule(data=st.data(), site=sites, owe=st.booleans())
    def dispense(self, data: st.DataObject, site: int, owe: bool) -> None:
        open_ones = [supply for supply in self.model.supplies if supply.stage == "open"]
        supply = data.draw(st.sampled_from(open_ones))
        ben = self.floor.here(site)
        answer = self.floor.done(self.verified_and_dispensed, ben, supply.id, SupplyDraft(owe=owe))
        taken, missing = self.model.picks(site, supply.wanted, self.model.today + timedelta(days=supply.days - 1))
        elsewhere = supply.site not in (None, site)
        if not self.agreed(answer, refused=elsewhere or not taken or bool(missing and not owe)):
            return
        assert answer == taken, f"{answer} went out, not {taken}"
        for batch, quantity in taken.items():
            assert batch in self.model.usable(site)
            self.model.lies[site, batch] -= quantity
        supply.stage, supply.site, supply.given = "ready", site, taken
        if missing:
            self.model.supplies.append(self.owed_part(supply))

    async def verified_and_dispensed(self, ben: Context, id: UUID, draft: SupplyDraft) -> Counter[int]:
        await dispensing.take(ben, id, dispensing.TakeDraft(over=True))
        await dispensing.verify(ben, id, VerificationDraft())
        record = await dispensing.dispense(ben, id, draft)
        number = {id: batch for batch, id in self.ids.items()}
        given = Counter[int]()
        for item in record.given:
            given[number[item.batch_id]] += item.quantity
        return given

    def owed_part(self, supply: Supply) -> Supply:
        async def look() -> Supply:
            part = await self.floor.ben.db.scalar(
                select(Dispensing)
                .where(Dispensing.owes_id == supply.id, Dispensing.status == dispensing.DispensingStatus.WAITING)
            )  # fmt: skip
            assert part
            line = part.lines[0]
            return Supply(part.id, line.quantity, line.days or 1, site=supply.site, owes=supply.id)

        found = self.floor.wait(look())
        self.floor.wait(self.floor.forget())
        assert found.wanted == supply.wanted - sum(supply.given.values())
        return found

    @precondition(lambda self: any(supply.stage == "ready" for supply in self.model.supplies))
    @rule(data=st.data())
    def hand_over(self, data: st.DataObject) -> None:
        supply = data.draw(st.sampled_from([one for one in self.model.supplies if one.stage == "ready"]))
        draft = CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
        recalled = any(self.model.status[batch] is BatchStatus.RECALLED for batch in supply.given)
        answer = self.floor.done(dispensing.hand_over, self.floor.here(supply.site or 0), supply.id, draft)
        if self.agreed(answer, refused=recalled):
            supply.stage = "collected"

    @precondition(lambda self: any(supply.stage in ("ready", "collected") for supply in self.model.supplies))
    @rule(data=st.data(), goods=st.sampled_from(["never left", "destroyed", "with the patient"]))
    def reverse(self, data: st.DataObject, goods: Any) -> None:
        done = [supply for supply in self.model.supplies if supply.stage in ("ready", "collected")]
        supply = data.draw(st.sampled_from(done))
        parts = [part for part in self.model.supplies if part.owes == supply.id]
        collected = supply.stage == "collected"
        draft = ReversalDraft(reason="As drawn", goods=goods if collected else "")
        answer = self.floor.done(dispensing.reverse, self.floor.here(supply.site or 0), supply.id, draft)
        if not self.agreed(answer, refused=any(part.stage in ("ready", "collected") for part in parts)):
            return
        if not collected or goods == "never left":
            for batch, quantity in supply.given.items():
                self.model.lies[supply.site or 0, batch] += quantity
        supply.stage, supply.given = "ended" if collected else "open", Counter()
        for part in parts:
            part.stage = "ended"

    @rule(days=st.sampled_from([1, 1, 2, 15, 30]))
    def days_pass(self, days: int) -> None:
        self.floor.at(self.floor.ben.now + timedelta(days=days))
        self.model.today += timedelta(days=days)

    def drawn(self, data: st.DataObject) -> Place:
        return data.draw(st.sampled_from(sorted(self.model.known)))

    @invariant()
    def ledger_balance_and_model_agree(self) -> None:
        if not hasattr(self, "model"):
            return

        async def look() -> tuple[dict[Place, Decimal], dict[Place, Decimal]]:
            db, product_id = self.floor.ben.db, self.floor.product_id
            lies = select(StockLevel.id, StockLevel.quantity).where(StockLevel.product_id == product_id)
            moved = select(Movement.level_id, func.sum(Movement.quantity)).where(Movement.product_id == product_id)
            place = {level: place for place, level in self.levels.items()}
            balance = {place[id]: quantity for id, quantity in await db.execute(lies)}
            ledger = {place[id]: total for id, total in await db.execute(moved.group_by(Movement.level_id))}
            return balance, ledger

        balance, ledger = self.floor.wait(look())
        expected = {place: D(self.model.lies[place]) for place in self.model.known}
        assert balance == expected
        assert ledger == expected
        assert min(balance.values(), default=NOTHING) >= 0


def played(floor: Floor, runs: int, *, shortest: bool = True) -> Counter[tuple[str, bool]]:
    """Play so many runs and say what happened how often; an AssertionError names the way into a contradiction."""
    told = Counter[tuple[str, bool]]()
    machine = type("Played", (FloorMachine,), {"floor": floor, "told": told})
    drawn = settings(
        max_examples=runs,
        stateful_step_count=16,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize="GALEN_SOAK" not in os.environ,  # the same runs every day; others are for bin/soak
        phases=[Phase.generate, Phase.shrink] if shortest else [Phase.generate],
        print_blob=False,
    )
    run_state_machine_as_test(machine, settings=drawn)
    return told
