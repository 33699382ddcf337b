"""Reading what was kept: how much there is of each type, and each resource as it came."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from galen import patients
from galen.core.context import Context
from galen.core.errors import NotFound
from galen.core.gate import requires
from galen.patients import Patient

from .models import KeptResource
from .reading import read_back
from .schemas import KeptCount, KeptLine, KeptList, KeptView

DAYS = [
    "effectiveDateTime",
    "performedDateTime",
    "authoredOn",
    "date",
    "created",
    "issued",
    "recordedDate",
    "occurrenceDateTime",
    "started",
]
PERIODS = ["performedPeriod", "effectivePeriod", "period", "billablePeriod"]
SHOWN = 50


class NothingKept(NotFound):
    message = "Nothing from another system is kept for this person."


@requires("clinical.read")
async def kept_of(ctx: Context, patient_id: UUID) -> list[KeptCount]:
    """What came from other systems and has no place of its own here, by type."""
    await ctx.get(Patient, patient_id)
    mine = KeptResource.patient_id == patient_id, KeptResource.record_id.is_(None)
    query = select(KeptResource.kind, func.count(KeptResource.id)).where(*mine).group_by(KeptResource.kind)
    by_kind = await ctx.db.execute(query.order_by(KeptResource.kind))
    counts = [KeptCount(kind=kind, number=number) for kind, number in by_kind]
    if not counts:
        raise NothingKept
    return counts


@requires("clinical.read")
async def kept_list(ctx: Context, patient_id: UUID, kind: str, after: str | None = None) -> KeptList:
    """The kept resources of one type."""
    banner = await patients.banner(ctx, patient_id)
    mine = KeptResource.patient_id == patient_id, KeptResource.record_id.is_(None), KeptResource.kind == kind
    total = await ctx.db.scalar(select(func.count(KeptResource.id)).where(*mine)) or 0
    page = await ctx.slice(select(KeptResource).where(*mine), after, size=SHOWN)
    lines = sorted((line(kept) for kept in page.items), key=lambda line: line.day, reverse=True)
    return KeptList(banner=banner, kind=kind, total=total, lines=lines, next=page.next)


def line(kept: KeptResource) -> KeptLine:
    body = read_back(kept.content).body
    return KeptLine(id=kept.id, kind=kept.kind, title=title_of(body), day=day_of(body))


@requires("clinical.read")
async def kept_resource(ctx: Context, kept_id: UUID) -> KeptView:
    """One resource, whole, as it came. Each reading is kept in the audit log."""
    kept = await ctx.get(KeptResource, kept_id)
    body = json.loads(kept.content)
    return KeptView(
        id=kept.id,
        banner=await patients.banner(ctx, kept.patient_id) if kept.patient_id else None,
        kind=kept.kind,
        fhir_id=kept.fhir_id,
        title=title_of(read_back(kept.content).body),
        file=kept.file,
        source=kept.source,
        read_at=kept.read_at,
        content=body,
    )


def title_of(body: dict[str, Any]) -> str:
    """What a resource calls itself: its code, type, category or description."""
    for name in ("code", "type", "category", "vaccineCode", "description", "title", "name"):
        value = body.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str):
            return value
        if isinstance(value, dict):
            codings = [coding for coding in value.get("coding") or [] if isinstance(coding, dict)]
            if words := value.get("text") or next((c["display"] for c in codings if c.get("display")), ""):
                return str(words)
    return str(body.get("resourceType", ""))


def day_of(body: dict[str, Any]) -> str:
    """The day it is of, as far as it says so."""
    dates = [body.get(name) for name in DAYS]
    dates += [(body.get(name) or {}).get("start") for name in PERIODS if isinstance(body.get(name), dict)]
    return next((text[:10] for text in dates if isinstance(text, str)), "")
