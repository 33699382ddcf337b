"""Finding people: exact marks first, then how a name begins, then how it sounds.

Plain SQL, because this is asked at every key press: one statement for a name that is spelt right (PAT-2).
A range rather than LIKE: a prepared LIKE loses its index after five executions.
"""

import re
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Found
from galen.organizations import country_of
from galen.values.search_key import likeness, search_key

from ..keys import after, digits, letters, readings, sound
from ..models import Patient
from ..rules import Birth, e164
from .identifiers import marks_of

CLOSE = 0.8


def named(words: str) -> ColumnElement[bool] | None:
    """The condition that a patient's name begins like this, as one that an index answers; none without a letter."""
    key = search_key(words.replace(",", " "))
    search = Patient.search.collate("C")
    return and_(search >= key, search < after(key)) if key else None


class PatientRow(NamedTuple):
    """A person in a list: enough to tell them apart, and cheap enough to be asked for at every key press."""

    id: UUID
    number: str
    family: str
    given: str
    preferred: str
    sex: str
    born: date | None
    born_known: str
    phone: str
    suburb: str
    deceased_on: date | None
    search: str

    @property
    def patient_id(self) -> UUID:
        """Whom this line shows."""
        return self.id

    @property
    def name(self) -> str:
        """FAMILY, Given: as it stands on every page about a person."""
        return ", ".join(filter(None, (self.family.upper(), self.given)))

    @property
    def born_words(self) -> str:
        """The date of birth as exactly as it is known."""
        return Birth.known_to(self.born, self.born_known).words if self.born else ""

    @property
    def known_sex(self) -> str:
        return self.sex if self.sex != "unknown" else ""

    @property
    def detail(self) -> str:
        """Born and record number: what tells two people of one name apart."""
        born = self.born_words if self.born_known == "day" else ""
        return " · ".join(filter(None, (born, self.number)))


SHOWN = ", ".join(PatientRow._fields)
HERE = f"SELECT {SHOWN} FROM patient WHERE archived_at IS NULL AND ($1::uuid IS NULL OR id = $1)"  # noqa: S608 fixed
KNOWN = "SELECT patient_id FROM identifier WHERE mark = ANY($5::bytea[]) AND last = ANY($6::text[])"
FRESH = f"{HERE} ORDER BY id DESC LIMIT $2"
BORN = f'{HERE} AND born = $3 ORDER BY search COLLATE "C" LIMIT $2'
MARKED = f"""
({HERE} AND number = $3 LIMIT $2) UNION ALL ({HERE} AND phone_e164 = $4 LIMIT $2)
UNION ALL ({HERE} AND id IN ({KNOWN}) LIMIT $2)
"""
BEGINS = f"""
({HERE} AND search COLLATE "C" >= $3 AND search COLLATE "C" < $4 ORDER BY search COLLATE "C" LIMIT $2)
UNION ALL
({HERE} AND given_search COLLATE "C" >= $3 AND given_search COLLATE "C" < $4 ORDER BY given_search COLLATE "C" LIMIT $2)
"""
ALIKE = f"""
({HERE} AND sound = ANY($3::text[]) AND given_sound = ANY($3::text[]) LIMIT $2)
UNION ALL ({HERE} AND sound = ANY($3::text[]) LIMIT $2)
UNION ALL ({HERE} AND letters = ANY($4::text[]) LIMIT $2)
UNION ALL ({HERE} AND given_sound = ANY($3::text[]) LIMIT $2)
UNION ALL ({HERE} AND search COLLATE "C" >= $5 AND search COLLATE "C" < $6 LIMIT $2)
"""


@requires("patient.read")
async def find_patients(ctx: Context, q: str = "", limit: int = 25, query: str = "") -> list[PatientRow]:
    """By record number, telephone, birth, identifier or any part of the name, misspelt or not; else the newest."""
    asked, most = (q or query).strip(), max(1, min(limit, 100))
    if ctx.actor.kind == "patient" and ctx.actor.patient_id is None:
        return []
    if not asked:
        return await rows(ctx, FRESH, most)
    if (day := as_date(asked)) is not None:
        return await rows(ctx, BORN, most, day)
    if re.search(r"\d", asked):
        return await by_mark(ctx, asked, most)
    return await by_name(ctx, asked, most)


@requires("patient.read")
async def patient_options(ctx: Context, q: str = "") -> list[PatientRow]:
    """The choices of a field that asks for a patient."""
    return await find_patients(ctx, q, 12) if q.strip() else []


@requires("patient.read")
async def finds_patients(ctx: Context, q: str) -> list[Found]:
    """What the search box shows of people."""
    return [
        Found(title=person.name, detail=person.detail, href=f"/patients/{person.id}")
        for person in await find_patients(ctx, q, 8)
    ]


async def rows(ctx: Context, sql: str, *values: Any) -> list[PatientRow]:
    """Each person once. A patient who asks finds their own record and no other."""
    own = ctx.actor.patient_id if ctx.actor.kind == "patient" else None
    return list({row["id"]: PatientRow._make(row) for row in await ctx.raw.fetch(sql, own, *values)}.values())


async def by_mark(ctx: Context, asked: str, limit: int) -> list[PatientRow]:
    number = f"P{digits(asked).zfill(6)}" if re.fullmatch(r"[Pp]?\d{1,9}", asked) else ""
    phone = e164(asked, country_of(ctx.organization.country).code) or ""
    marks = marks_of(ctx, asked)
    return (await rows(ctx, MARKED, limit, number, phone, *marks))[:limit]


async def by_name(ctx: Context, asked: str, limit: int) -> list[PatientRow]:
    key = search_key(asked.replace(",", " "))
    if not key:
        return []
    people = await rows(ctx, BEGINS, limit, key, after(key))
    first, _, rest = key.partition(" ")
    if not people and rest:
        turned = f"{rest} {first}"
        people = await rows(ctx, BEGINS, limit, turned, after(turned))
    if not people:
        parts = readings(key)
        heard, made = [sound(part) for part in parts], [letters(part) for part in parts]
        near = await rows(ctx, ALIKE, max(limit, 60), heard, made, key[:3], after(key[:3]))
        people = [person for person in near if likeness(key, person.search) >= CLOSE]
        people.sort(key=lambda person: -likeness(key, person.search))
    return people[:limit]


def as_date(q: str) -> date | None:
    """2026-11-20, 20/11/2026 or 20.11.2026."""
    if written := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", q):
        year, month, day = map(int, written.groups())
    elif written := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", q):
        day, month, year = map(int, written.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
