"""Finding people: exact marks first, then how a name begins, then any part of it, then how it sounds.

Plain SQL, because this is asked at every key press: one statement for a name that is spelt right (PAT-2).
A range rather than LIKE where it can be: a prepared LIKE loses its index after five executions. Parts are found by
their pieces (three letters each, a GIN index) and then compared with what was typed.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, func, literal, literal_column
from sqlalchemy.dialects.postgresql import ARRAY

from galen.core.context import Context
from galen.core.gate import requires
from galen.core.schemas import Found
from galen.i18n import gettext as _
from galen.i18n import typed
from galen.organizations import country_of
from galen.values.search_key import likeness, opened, search_key

from ..keys import after, digits, heard, wanted
from ..models import Patient
from ..rules import Birth, bare, e164, national
from .identifiers import marks_of

LONGEST_QUESTION = 200  # letters; nobody is called longer
CLOSE, LONGEST, OLDEST = 0.8, 5, 1880  # how near a misspelt name is; words of a date; nobody lives from before
SAID_OF_BIRTHS = re.compile(r"(?i)\b(?:born(?: on| in)?|d\.?o\.?b\b\.?|b\.)[:\s]*|[*()]|,(?=\s)")
NUMBER_ALONE = re.compile(
    r"(?i)\s*(?:(?:tel|ph|phone|mob|mobile)[.:]?|p(?=\d)|\+)?([\d\s()+./-]+)(?:(?:ext|x)\.?\s?\d+)?\s*"
)
Days = tuple[date, date]


def named(words: str) -> ColumnElement[bool] | None:
    """The condition that a patient's names have these words or beginnings of them, as one that an index answers."""
    if not (key := search_key(words.replace(",", " "))):
        return None
    pieces, patterns = wanted(key.split())
    known_by = func.string_to_array(Patient.pieces, literal_column("' '"), type_=ARRAY(Text))
    return and_(known_by.contains(pieces), *(Patient.words.like(literal(pattern)) for pattern in patterns))


class PatientRow(NamedTuple):
    """A person in a list: enough to tell them apart, and cheap enough to be asked for at every key press."""

    id: UUID
    number: str
    family: str
    given: str
    preferred: str
    former: str
    sex: str
    born: date | None
    born_known: str
    phone: str
    suburb: str
    deceased_on: date | None
    words: str

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
        """Born and record number, which tell two people of one name apart, and what they were called."""
        born = self.born_words if self.born_known == "day" else ""
        former = _("formerly %(names)s", names=self.former) if self.former else ""
        return " · ".join(filter(None, (born, self.number, former)))


SHOWN = ", ".join(PatientRow._fields)
# What was asked stands in sub-selects where several ways are put together: a plan that cannot see it is the same for
# every question, so PostgreSQL keeps it, where planning would take longer than finding.
OWN = "((SELECT $1::uuid) IS NULL OR id = (SELECT $1::uuid))"
HERE = f"SELECT {SHOWN} FROM patient WHERE archived_at IS NULL AND {OWN}"  # noqa: S608 fixed
THEN = "((SELECT $3::date) IS NULL OR born BETWEEN (SELECT $3::date) AND (SELECT $4::date))"
PIECES, WORDS = "string_to_array(pieces, ' ')", "words LIKE ALL"
KNOWN = "SELECT patient_id FROM identifier WHERE mark = ANY($5::bytea[]) AND last = ANY($6::text[])"
ENDING = "SELECT patient_id FROM identifier WHERE last = (SELECT $7::text)"
FRESH = f"{HERE} ORDER BY id DESC LIMIT $2"
BORN = f'{HERE} AND born BETWEEN $3 AND $4 ORDER BY search COLLATE "C" LIMIT $2'
MARKED = f"""
({HERE} AND number = (SELECT $3::text) LIMIT $2) UNION ALL ({HERE} AND phone_e164 = (SELECT $4::text) LIMIT $2)
UNION ALL ({HERE} AND id IN ({KNOWN}) LIMIT $2) UNION ALL ({HERE} AND id IN ({ENDING}) LIMIT $2)
"""
NUMBERED = f"{MARKED} UNION ALL ({HERE} AND {PIECES} @> (SELECT $8::text[]) AND {WORDS}($9::text[]) LIMIT $2)"


def begins(column: str, low: str, high: str) -> str:
    return f'{column} COLLATE "C" >= (SELECT {low}::text) AND {column} COLLATE "C" < (SELECT {high}::text)'


FAMILY, GIVEN = begins("search", "$5", "$6"), begins("given_search", "$5", "$6")
BEGINS = f"""
SELECT * FROM (
({HERE} AND {THEN} AND {FAMILY} ORDER BY search COLLATE "C" LIMIT $2)
UNION ALL ({HERE} AND {THEN} AND {GIVEN} AND NOT ({FAMILY}) ORDER BY given_search COLLATE "C" LIMIT $2)
UNION ALL ({HERE} AND {THEN} AND {PIECES} @> (SELECT $7::text[]) AND {WORDS}($8::text[])
 AND NOT ({FAMILY} OR {GIVEN}) LIMIT $2)
UNION ALL ({HERE} AND {THEN} AND {PIECES} @> (SELECT $9::text[]) AND {WORDS}($10::text[])
 AND NOT {WORDS}($8::text[]) LIMIT $2)
) AS people LIMIT $2
"""  # noqa: S608 fixed; the later ways are walked only as far as the earlier ones leave room
ALIKE = f"""
({HERE} AND {THEN} AND {PIECES} @> (SELECT $5::text[]) LIMIT $2)
UNION ALL ({HERE} AND {THEN} AND {PIECES} @> (SELECT $6::text[]) LIMIT $2)
UNION ALL ({HERE} AND {THEN} AND {PIECES} && (SELECT $7::text[]) LIMIT $2)
UNION ALL ({HERE} AND {THEN} AND {begins("search", "$8", "$9")} LIMIT $2)
"""


@requires("patient.read")
async def find_patients(ctx: Context, q: str = "", limit: int = 25, query: str = "") -> list[PatientRow]:
    """By record number, telephone, birth, identifier or any part of the name, misspelt or not; else the newest."""
    asked, most = (q or query)[:LONGEST_QUESTION].replace("\0", "").strip(), max(1, min(limit, 100))
    if ctx.actor.kind == "patient" and ctx.actor.patient_id is None:
        return []
    if not asked:
        return await rows(ctx, FRESH, most)
    if re.search(r"\d", asked):
        for name, born in births(asked, ctx.today, ctx.organization.country):
            if people := await (by_name(ctx, name, most, born) if name else by_birth(ctx, born, most)):
                return people
        if people := await by_mark(ctx, asked, most):
            return people
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


async def by_birth(ctx: Context, born: Days, limit: int) -> list[PatientRow]:
    return await rows(ctx, BORN, limit, *born)


async def by_mark(ctx: Context, asked: str, limit: int) -> list[PatientRow]:
    """Record number, telephone or identifier; of digits alone, any part of a number."""
    phone = e164(asked, country_of(ctx.organization.country).code)
    marks = record_number(asked), phone, *marks_of(ctx, asked), ending_of(asked)
    alone = NUMBER_ALONE.fullmatch(asked)
    part = core(alone[1], ctx.organization.country) if alone else ""
    if len(part) < 3:
        return (await rows(ctx, MARKED, limit, *marks))[:limit]
    return (await rows(ctx, NUMBERED, limit, *marks, *wanted([part])))[:limit]


async def numbered(ctx: Context, number: str) -> list[PatientRow]:
    """Who has exactly this record number or identifier: what a computer asks by, which must not guess."""
    return await rows(ctx, MARKED, 2, record_number(number), None, *marks_of(ctx, number), None)


def ending_of(asked: str) -> str | None:
    """The last four signs of an identifier, which is all of it that can be read."""
    ending = bare(asked)
    return ending if len(ending) == 4 and ending.isalnum() else None


def record_number(asked: str) -> str:
    return f"P{digits(asked).zfill(6)}" if re.fullmatch(r"[Pp]?\d{1,9}", asked) else ""


def core(typed_number: str, country: str) -> str:
    """The digits that stand in a telephone number however it is written: no country code, no zero before the area."""
    written = digits(typed_number.replace("(0)", ""))
    if len(written) < 6:
        return written
    international = typed_number.strip().startswith(("+", "00")) or len(written) > 9
    return (national(typed_number, country) if international else "") or written.lstrip("0")


async def by_name(ctx: Context, asked: str, limit: int, born: Days | None = None) -> list[PatientRow]:
    """Who has all these words among their names: as the name begins, then parts of it, then as it may be misspelt."""
    key, when = search_key(asked.replace(",", " ")), born or (None, None)
    for form in dict.fromkeys((key, opened(asked.replace(",", " ")))):
        parts = *wanted(form.split()), *wanted(form.split(), inside=True)
        if form and (people := await rows(ctx, BEGINS, limit, *when, form, after(form), *parts)):
            return sorted(people, key=lambda person: (place(form, person.words), *beginning(form, person)))[:limit]
    if not key:
        return []
    pieces = heard(key.split())
    alike = pieces[::2], pieces[1::2], [*pieces, *heard([key])]
    near = await rows(ctx, ALIKE, max(limit, 60), *when, *alike, key[:3], after(key[:3]))
    scored = [(likeness(key, person.words.partition(" #")[0]), person) for person in near]
    return [person for score, person in sorted(scored, key=lambda pair: -pair[0]) if score >= CLOSE][:limit]


def place(key: str, words: str) -> tuple[bool, int]:
    """Where somebody stands: who is called so in one piece, then whole words before beginnings before inner parts."""
    if f" {key}" in words:
        return False, 0
    return True, sum(0 if f" {word} " in f"{words} " else 1 if f" {word}" in words else 2 for word in key.split())


def beginning(key: str, person: PatientRow) -> tuple[int, str]:
    """Family names that begin so, then given names, each as they were found; then the others by the alphabet."""
    if person.words.startswith(f" {key}"):
        return 0, ""
    return (1, "") if search_key(person.given).startswith(key) else (2, person.words)


def births(asked: str, today: date, country: str) -> Iterator[tuple[str, Days]]:
    """Each way to read what was typed as a birth, alone or with a name before or after it: the longest date first."""
    tokens = SAID_OF_BIRTHS.sub(" ", asked).split()
    for size in range(min(LONGEST, len(tokens)), 0, -1):
        for text, name in ((tokens[-size:], tokens[:-size]), (tokens[:size], tokens[size:])):
            if (born := days_of(" ".join(text), today, country, alone=not name)) and (
                not name or search_key(" ".join(name))
            ):
                yield " ".join(name), born
            if not name:
                break


def days_of(text: str, today: date, country: str, *, alone: bool) -> Days | None:
    """The days that a birth can have been on: one, those of a month, or beside a name those of a year."""
    bare_digits = re.fullmatch("[0-9]{8}", text)  # 19880220 or 20021988
    forms = [f"{text[:4]}-{text[4:6]}-{text[6:]}", f"{text[:2]}/{text[2:4]}/{text[4:]}"] if bare_digits else [text]
    for form in forms:
        if (day := typed.read_day(form, country, today)) and date(OLDEST, 1, 1) <= day <= today:
            return day, day
    if month := typed.read_month(text):
        return month, month.replace(day=monthrange(month.year, month.month)[1])
    if not alone and re.fullmatch(r"\d{4}", text) and OLDEST <= int(text) <= today.year:
        return date(int(text), 1, 1), date(int(text), 12, 31)
    return None
