"""External interaction tables beside the built-in knowledge: read, graded, kept, switched on or off."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.core.schemas import Draft, RecordView
from galen.i18n import gettext as _
from galen.medicines import BY_HAND, FileRow, FileSheet, UnreadableFile, read_sheets
from galen.values.ids import uuid7

from .knowledge import RANK, Knowledge, Severity, built_in
from .models import ImportedInteraction, InteractionTable
from .reading import graded, imported_name

NAMES = {"ddinter": "DDInter", "ansm": "ANSM"}
HEADERS = {
    "a": "drug a|drug 1|drug 1 name|drug1|name a|medicine a|ingredient a|interactor 1|object|substance a|first drug",
    "b": "drug b|drug 2|drug 2 name|drug2|name b|medicine b|ingredient b|interactor 2|precipitant|substance b",
    "class_a": "drug 1 class name|class a|class 1|drug a class",
    "class_b": "drug 2 class name|class b|class 2|drug b class",
    "severity": "level|severity|grade|interaction level|risk|risk level|classification|significance|contraindication",
    "mechanism": "mechanism|interaction mechanism|pharmacology",
    "effect": "effect|description|interaction|consequence|summary|text",
    "management": "management|comment|recommendation|action|advice|clinical management|conduct",
}
FIELDS = tuple(HEADERS)
KNOWN = {header: name for name, headers in HEADERS.items() for header in headers.split("|")}
COLUMNS = ("id", "version", "table_id", "a", "b", "severity", "mechanism", "effect", "management", "as_published")
MOST_ERRORS = 500
Pair = tuple[Severity, str, str, str, str]  # severity, mechanism, effect, management, as published


class Switch(Draft):
    """Whether a table takes part in checks."""

    on: bool


class TableView(RecordView):
    """An external table: whose, which edition, under which licence, how many pairs, and whether it takes part."""

    name: str
    edition: str
    licence: str
    dated: date | None
    imported_at: datetime
    pairs: int
    switched_on: bool


@dataclass
class Result:
    """What an import of a table did: rows read, pairs by what became of them, and each row that was refused."""

    source: str
    pairs: int = 0
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("read", "created", "updated", "unchanged", "kept", "refused"), 0)
    )
    errors: list[dict[str, object]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    def refuse(self, file: str, row: int, column: str, says: str) -> None:
        self.counts["refused"] += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"file": file, "sheet": "", "row": row, "column": column, "says": says})


@requires("import.run")
async def import_interactions(
    ctx: Context,
    source: str,
    file: str,
    content: bytes,
    *,
    columns: Mapping[str, str] | None = None,
    groups: bytes = b"",
    edition: str = "",
    licence: str = "",
) -> Result:
    """Replace a table by a file of pairs, in one transaction. Of a pair that comes twice the higher grade counts."""
    result = Result(NAMES.get(source.casefold(), source.strip()))
    if not result.source:
        raise Invalid("source", _("Name the table: ddinter, ansm, or the name of its publisher."))
    try:
        sheet = (await read_sheets(file, content, BY_HAND))[0]
        members = classes((await read_sheets("groups", groups, BY_HAND))[0].rows) if groups else {}
    except UnreadableFile as error:
        raise Invalid("file", str(error)) from error
    pairs = await asyncio.to_thread(pairs_of, result, file, sheet, columns or {}, members)
    if not pairs:
        problem = _("%(file)s holds no pair that could be read. Check its columns, or name them with --map.", file=file)
        raise Invalid("file", problem)
    table = await ctx.db.scalar(
        select(InteractionTable).where(InteractionTable.name == result.source).with_for_update()
    )
    before = await known_pairs(ctx, table)
    for key, pair in pairs.items():
        old = before.get(key)
        result.counts["created" if old is None else "unchanged" if old == pair else "updated"] += 1
    result.pairs = len(pairs)
    if table is None:
        table = ctx.add(
            InteractionTable(name=result.source, edition=edition, licence=licence, pairs=0, imported_at=ctx.now)
        )
    elif pairs == before:
        return result
    table.pairs, table.imported_at = len(pairs), ctx.now
    table.edition, table.licence = edition or table.edition, licence or table.licence
    await ctx.flush()
    await ctx.raw.execute(f"DELETE FROM {ImportedInteraction.__tablename__} WHERE table_id = $1", table.id)  # noqa: S608
    await ctx.raw.copy_records_to_table(
        ImportedInteraction.__tablename__,
        columns=COLUMNS,
        records=((uuid7(), 1, table.id, a, b, worst.value, *texts) for (a, b), (worst, *texts) in pairs.items()),
    )
    return result


@requires("safety.check")
async def interaction_tables(ctx: Context) -> list[InteractionTable]:
    """The external tables of this organisation, by name."""
    return list(await ctx.db.scalars(select(InteractionTable).order_by(InteractionTable.name)))


@requires("medicine.write")
async def switch_table(ctx: Context, table_id: UUID, draft: Switch) -> list[InteractionTable]:
    """Let a table take part in checks, or leave it out; the built-in knowledge always takes part."""
    table = await ctx.get(InteractionTable, table_id, lock=True)
    table.switched_on = draft.on
    await ctx.flush()
    return await interaction_tables(ctx)


async def known_pairs(ctx: Context, table: InteractionTable | None) -> dict[tuple[str, str], Pair]:
    """The table as it is kept now."""
    if table is None:
        return {}
    query = f"SELECT {', '.join(COLUMNS[3:])} FROM {ImportedInteraction.__tablename__} WHERE table_id = $1"  # noqa: S608
    return {(r[0], r[1]): (Severity(r[2]), *r[3:]) for r in await ctx.raw.fetch(query, table.id)}


def pairs_of(
    result: Result, file: str, sheet: FileSheet, columns: Mapping[str, str], members: Mapping[str, list[str]]
) -> dict[tuple[str, str], Pair]:
    """Every pair of a file under the names that the knowledge uses, graded; classes as their members. Pure."""
    if not sheet.rows:
        raise Invalid("file", _("%(file)s is empty. Choose the table as it was published.", file=file))
    places = placed(result, sheet.rows[0], columns)
    names = Names(built_in(), members)
    found: dict[tuple[str, str], Pair] = {}
    for row in sheet.rows[1:]:
        cell = {name: str(row.cells[place] or "") if place < len(row.cells) else "" for name, place in places.items()}
        result.counts["read"] += 1
        if (grade := names.grade(cell["severity"])) is None:
            result.refuse(
                file, row.number, result.columns["severity"], f"The grade “{cell['severity']}” is not understood."
            )
            continue
        sides = names.side(cell["a"], cell.get("class_a", "")), names.side(cell["b"], cell.get("class_b", ""))
        if not all(sides):
            result.refuse(file, row.number, "", "One side of the pair names no medicine and no class.")
            continue
        texts = (cell.get("mechanism", ""), cell.get("effect", ""), cell.get("management", ""), cell["severity"])
        for pair in crossed(*sides):
            if (known := found.get(pair)) is None or RANK[grade] < RANK[known[0]]:
                found[pair] = (grade, *texts)
    return found


def crossed(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, str]]:
    for a in left:
        for b in right:
            if a != b:
                yield (a, b) if a < b else (b, a)


class Names:
    """Written names to known ones, each looked up once."""

    def __init__(self, knowledge: Knowledge, members: Mapping[str, list[str]]) -> None:
        self.knowledge, self.members = knowledge, members
        self.sides: dict[tuple[str, str], tuple[str, ...]] = {}
        self.grades: dict[str, Severity | None] = {}

    def side(self, drug: str, group: str) -> tuple[str, ...]:
        """One name, or the members of a class, be it written as a class or where drugs stand."""
        if (drug, group) not in self.sides:
            written = drug.strip() or group.strip()
            inside = self.members.get(word(group)) or self.members.get(word(drug)) or ([written] if written else [])
            named = (imported_name(name, self.knowledge) for name in inside)
            self.sides[drug, group] = tuple(dict.fromkeys(filter(None, named)))
        return self.sides[drug, group]

    def grade(self, written: str) -> Severity | None:
        if written not in self.grades:
            self.grades[written] = graded(written)
        return self.grades[written]


def placed(result: Result, header: FileRow, columns: Mapping[str, str]) -> dict[str, int]:
    """Which column is what: as said (header → field), else by its header."""
    written = {word(str(cell or "")): place for place, cell in reversed(list(enumerate(header.cells)))}
    places: dict[str, int] = {}
    for name, place in written.items():
        if (meaning := KNOWN.get(name)) and meaning not in places:
            places[meaning] = place
    for said, meaning in columns.items():
        if meaning not in FIELDS:
            fields = ", ".join(FIELDS)
            problem = _("There is no field “%(name)s”. Fields are: %(fields)s.", name=meaning, fields=fields)
            raise Invalid("columns", problem)
        if word(said) not in written:
            there = ", ".join(map(str, header.cells))
            problem = _("There is no column “%(name)s”. Columns are: %(columns)s.", name=said, columns=there)
            raise Invalid("columns", problem)
        places[meaning] = written[word(said)]
    missing = [name for name in ("a", "b", "severity") if name not in places]
    if missing:
        problem = _(
            "No column was found for %(names)s. Name it, as in --map %(first)s=Header.",
            names=", ".join(missing),
            first=missing[0],
        )
        raise Invalid("columns", problem)
    result.columns = {name: str(header.cells[place]) for name, place in places.items()}
    return places


def classes(rows: list[FileRow]) -> dict[str, list[str]]:
    """The members of each class, from a table with a column of drugs and one of class names."""
    header = [word(str(cell or "")) for cell in rows[0].cells] if rows else []
    drug = next((header.index(name) for name in ("drug name", "drug", "name", "member") if name in header), 0)
    group = next(
        (header.index(name) for name in ("class name", "class", "group", "group name") if name in header), None
    )
    if group is None:
        raise UnreadableFile("The file of groups has no column called Class Name.")
    found: dict[str, list[str]] = {}
    for row in rows[1:]:
        if len(row.cells) > max(drug, group) and row.cells[drug] and row.cells[group]:
            found.setdefault(word(str(row.cells[group])), []).append(str(row.cells[drug]))
    return found


def word(text: str) -> str:
    """A header or class as it is compared."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.casefold()).split())
