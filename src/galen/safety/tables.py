"""The knowledge of one organisation: what comes with Galen, beside the tables it has switched on."""

import asyncio
from collections.abc import Iterable

from sqlalchemy import select

from galen.core.context import Context
from galen.core.fast.prepared_query import PreparedQuery

from .knowledge import Imported, Knowledge, Severity, built_in
from .models import ImportedInteraction, InteractionTable

SWITCHED_ON = PreparedQuery(
    select(InteractionTable.id, InteractionTable.imported_at, InteractionTable.name, InteractionTable.edition)
    .where(InteractionTable.switched_on)
    .order_by(InteractionTable.name)
)
_KEPT = 4  # editions held in memory; each of 160,000 pairs takes some 60 MB
_editions: dict[tuple[object, ...], Knowledge] = {}
_reading = asyncio.Lock()


async def knowledge_of(ctx: Context) -> Knowledge:
    """The built-in knowledge and every table switched on; read anew only when a table has changed."""
    tables = await SWITCHED_ON.all(ctx)
    if not tables:
        return built_in()
    edition = (built_in().version, *((id, at, version) for id, at, _, version in tables))
    if edition not in _editions:
        async with _reading:
            if edition not in _editions:
                titles = {id: f"{name} {version}".strip() for id, _, name, version in tables}
                rows = await ctx.db.execute(
                    select(
                        ImportedInteraction.table_id,
                        ImportedInteraction.a,
                        ImportedInteraction.b,
                        ImportedInteraction.severity,
                        ImportedInteraction.mechanism,
                        ImportedInteraction.effect,
                        ImportedInteraction.management,
                    ).where(ImportedInteraction.table_id.in_(titles))
                )
                pairs = (Imported(a, b, Severity(grade), titles[id], *texts) for id, a, b, grade, *texts in rows)
                while len(_editions) >= _KEPT:
                    del _editions[next(iter(_editions))]
                _editions[edition] = await asyncio.to_thread(beside, pairs, titles.values())
    return _editions[edition]


def beside(pairs: Iterable[Imported], titles: Iterable[str]) -> Knowledge:
    """The built-in knowledge with these pairs; its version names the tables too."""
    own = built_in()
    return own.with_pairs(pairs, f"{own.version}, {', '.join(titles)}")
