"""Finding people: exact marks first, then how a name begins, then how it sounds (1 ms at a million rows; see ADRs)."""

import re
from datetime import date

from sqlalchemy import Select, or_, select

from galen.core.context import Context
from galen.core.search_key import likeness, search_key, sounds_like
from galen.organizations import country_of

from .models import Patient
from .rules import e164

ENOUGH = 5


def after_prefix(prefix: str) -> str:
    """The first text that no longer begins with this prefix, in code-point order."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def begins(column: object, prefix: str) -> object:
    """A range rather than LIKE: a prepared LIKE loses its index after five executions."""
    collated = column.collate("C")  # type: ignore[attr-defined]
    return (collated >= prefix) & (collated < after_prefix(prefix))


async def found(ctx: Context, q: str, limit: int) -> list[Patient]:
    if not q:
        return []
    base: Select[tuple[Patient]] = select(Patient).where(Patient.archived_at.is_(None)).limit(limit)
    if (day := as_date(q)) is not None:
        return list(await ctx.db.scalars(base.where(Patient.born == day).order_by(Patient.search)))
    if re.fullmatch(r"[Pp]?\d{1,9}", q) or re.fullmatch(r"[+\d][\d ()-]{5,}", q):
        digits = re.sub(r"\D", "", q)
        phone = e164(q, country_of(ctx.organization.country).code)
        marks = [Patient.number == f"P{digits.zfill(6)}"]
        if phone:
            marks.append(Patient.phone_e164 == phone)
        return list(await ctx.db.scalars(base.where(or_(*marks))))
    return await by_name(ctx, base, q, limit)


async def by_name(ctx: Context, base: Select[tuple[Patient]], q: str, limit: int) -> list[Patient]:
    key = search_key(q.replace(",", " "))
    if not key:
        return []
    people = {p.id: p for p in await ctx.db.scalars(base.where(begins(Patient.search, key)).order_by(Patient.search.collate("C")))}
    first, _, rest = key.partition(" ")
    if len(people) < ENOUGH and rest:
        turned = f"{rest} {first}"
        people |= {p.id: p for p in await ctx.db.scalars(base.where(begins(Patient.search, turned)))}
    if len(people) < ENOUGH:
        people |= {p.id: p for p in await ctx.db.scalars(base.where(begins(Patient.given_search, key)))}
    if len(people) < ENOUGH:
        sounds = {sounds_like(word) for word in key.split()} - {""}
        close = await ctx.db.scalars(base.where(Patient.sound.in_(sounds)).limit(200))
        people |= {p.id: p for p in close}
    return sorted(people.values(), key=lambda p: -likeness(key, p.search))[:limit]


def as_date(q: str) -> date | None:
    """2026-11-20, 20/11/2026 or 20.11.2026."""
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", q):
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", q):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
