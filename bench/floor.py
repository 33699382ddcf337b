"""bin/bench floor: the pharmacy floor where it is crowded.

How fast 32 dispensers take from one medicine, against one connection that does the same alone; what the workstation
and the stock pages cost at 20,000 batches and 200,000 movements, against an empty floor; a stocktake of 5,000 lines.
"""

import argparse
import asyncio
import json
import time
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import func, select

from galen import inventory, medicines, organizations
from galen.app import services_for
from galen.core.database import Database
from galen.core.services import Services
from galen.demo import PASSWORD
from galen.inventory import BatchDraft, Movement, OutOfStock, StockLevel
from galen.inventory.schemas import LimitsDraft, LineCountDraft, PostingDraft, StocktakeDraft
from galen.inventory.service import (
    complete_stocktake,
    count_line,
    open_stocktake,
    post_stocktake,
    set_limits,
    stocktake_lines,
)
from galen.provisioning import migrate, server
from galen.values.ids import uuid7

from . import world
from .serving import serving

BATCHES, MOVES, WAITING, LINES = 20_000, 10, 60, 5_000
DISPENSERS, TAKEN, ASKED = 32, 1_600, 60
BAY = "Bench bay"
FILL = """
WITH here AS (SELECT id FROM site WHERE kind IN ('pharmacy', 'both') ORDER BY id LIMIT 1),
stocked AS (SELECT array_agg(id ORDER BY id) AS ids FROM product),
made AS (
  INSERT INTO batch (id, version, product_id, number, expires, maker, gtin, status, status_reason, received_at)
  SELECT gen_random_uuid(), 1, ids[1 + n % cardinality(ids)], 'F' || n, '2029-01-01'::date + n % 900, '', '',
         'ok', '', now()
  FROM stocked, generate_series(1, {batches}) n RETURNING id, product_id, number
), laid AS (
  INSERT INTO stock_level (id, version, site_id, batch_id, product_id, location, quantity)
  SELECT gen_random_uuid(), 1, here.id, made.id, product_id,
         CASE WHEN substr(number, 2)::int <= {lines} THEN '{bay}' ELSE '' END, {moves} FROM made, here
  RETURNING id, site_id, batch_id, product_id
)
INSERT INTO movement (id, version, site_id, level_id, batch_id, product_id, kind, quantity, balance, reason,
                      actor_id, actor_name, at)
SELECT gen_random_uuid(), 1, site_id, laid.id, batch_id, product_id, 'receive', 1, n, '',
       '00000000-0000-0000-0000-000000000000', 'Bench', now() - n * interval '1 hour'
FROM laid, generate_series(1, {moves}) n
"""
PAGES = [
    "/dispensing",
    "/dispensing/{work}",
    "/inventory",
    "/inventory/movements",
    "/inventory/expiring",
    "/inventory/alerts",
]
WORK = "SELECT id FROM dispensing WHERE status IN ('waiting', 'verified') ORDER BY queued_at LIMIT 1"


async def filled(url: str) -> None:
    """So many batches and movements, however often this is run."""
    owner = await migrate.connect(await server.owner_url(url))
    await owner.execute("SET search_path TO org_north, galen")
    if await owner.fetchval("SELECT count(*) FROM movement") < BATCHES * MOVES:
        await owner.execute(FILL.format(batches=BATCHES, moves=MOVES, lines=LINES, bay=BAY))
        await owner.execute("ANALYZE")
    await owner.close()


async def stocked(services: Services) -> tuple[UUID, Any]:
    """A medicine of its own with what is to be taken, in batches of a hundred."""
    async with services.as_system("north", "bench") as ctx:
        ctx.site = (await organizations.pharmacies(ctx))[0].info
        part = medicines.PartDraft(name="zinc sulfate", strength=f"{uuid7().int % 900_000 + 1} mg")
        draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=Decimal(10), price=Decimal(3))
        product = await medicines.add_medicine(ctx, draft)
        for nth in range(TAKEN // 100):
            said = {"product_id": product.id, "number": f"T{nth}", "expires": f"2029-{nth % 12 + 1:02}", "units": 100}
            await inventory.receive(ctx, BatchDraft.model_validate(said))
        return product.id, ctx.site


async def rate(services: Services, hands: int) -> float:
    """Takings committed in a second by so many at once, until all is gone; never more than there was."""
    product_id, site = await stocked(services)

    async def hand() -> int:
        took = 0
        while True:
            try:
                async with services.as_system("north", "bench") as ctx:
                    ctx.site = site
                    await inventory.issue(ctx, product_id, Decimal(1), reference=("dispensing", uuid7()))
                took += 1
            except OutOfStock:
                return took

    began = time.perf_counter()
    took = sum(await asyncio.gather(*(hand() for _ in range(hands))))
    seconds = time.perf_counter() - began
    async with services.as_system("north", "bench") as ctx:
        left = await ctx.db.scalar(select(func.sum(StockLevel.quantity)).where(StockLevel.product_id == product_id))
        moved = await ctx.db.scalar(select(func.sum(Movement.quantity)).where(Movement.product_id == product_id))
    told = f"{took} of {TAKEN} were taken, {left} are left, the ledger says {moved}"
    assert took == TAKEN and not left and not moved, told
    return took / seconds


async def stocktake(services: Services) -> float:
    """Seconds for a stocktake of five thousand places: listed, each counted in a request of its own, and posted."""
    began = time.perf_counter()
    async with services.as_system("north", "bench") as ctx:
        ctx.site = (await organizations.pharmacies(ctx))[0].info
        much = Decimal(1_000_000)  # nobody counts twice here
        limits = dict.fromkeys(LimitsDraft.model_fields, much)
        await set_limits(ctx, LimitsDraft.model_validate(limits))
        take = await open_stocktake(ctx, StocktakeDraft.model_validate({"scope": "one place", "place": BAY}))
        site, id = ctx.site, take.id

    places: list[UUID] = []
    after = None
    async with services.as_system("north", "bench") as ctx:
        ctx.site = site
        while True:
            part = await stocktake_lines(ctx, id, after=after)
            places += [line.id for line in part.items]
            if not (after := part.next):
                break
    for line_id in places:
        async with services.as_system("north", "bench") as ctx:
            ctx.site = site
            await count_line(ctx, id, line_id, LineCountDraft(units=Decimal(MOVES - 1)))
    async with services.as_system("north", "bench") as ctx:
        ctx.site = site
        await complete_stocktake(ctx, id)
    async with services.as_system("north", "bench") as ctx:
        ctx.site = site
        posting = time.perf_counter()
        await post_stocktake(ctx, id, PostingDraft())
    print(f"stocktake  {len(places)} lines: posted in {time.perf_counter() - posting:.2f} s")
    return time.perf_counter() - began


async def page_times(database: str, url: str) -> dict[str, float]:
    """Milliseconds within which nineteen of twenty loads of each page are answered."""
    owner = await migrate.connect(await server.owner_url(database))
    await owner.execute("SET search_path TO org_north, galen")
    work = await owner.fetchval(WORK)
    await owner.close()
    found = {}
    async with httpx2.AsyncClient(base_url=url, headers={"accept": "text/html"}, timeout=60) as ben:
        await ben.post("/login", data={"username": "ben", "password": PASSWORD})
        for path in PAGES:
            took = []
            for _ in range(ASKED):
                began = time.perf_counter()
                answer = await ben.get(path.format(work=work))
                took.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, (path, answer.status_code)
            found[path] = quantiles(took, n=20)[-1]
    return found


async def allocation(services: Services) -> dict[str, float]:
    """Takings of one medicine by many at once against one alone, turn by turn."""
    alone, many = [], []
    for _ in range(3):
        alone.append(await rate(services, 1))
        many.append(await rate(services, DISPENSERS))
    one, all_together = median(alone), median(many)
    print(
        f"allocation {all_together:.0f} a second by {DISPENSERS} at once, {one:.0f} by one: "
        f"{all_together / one:.2f}; oversold 0"
    )
    return {"one": one, "many": all_together, "ratio": all_together / one}


async def in_process(url: str) -> dict[str, Any]:
    services = services_for(Database(server.app_url(await server.owner_url(url)), pool=DISPENSERS))
    found = {"allocation": await allocation(services), "stocktake_s": await stocktake(services)}
    await services.database.close()
    return found


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench floor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    options = parser.parse_args(arguments)
    var = Path("var/bench-floor").absolute()
    with world.world(var, 0, WAITING) as url, serving(["galen", "web"], var) as galen:
        empty = asyncio.run(page_times(url, galen.url))
        asyncio.run(filled(url))
        full = asyncio.run(page_times(url, galen.url))
        for path in PAGES:
            times = full[path] / empty[path]
            print(f"page       p95 {full[path]:6.1f} ms, {times:4.1f} times that of a small floor: {path}")
        found = asyncio.run(in_process(url))
    if options.json:
        print(json.dumps({"pages": full, "small": empty, **found}))
