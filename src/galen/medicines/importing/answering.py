"""What an import answers: for a program and for a person."""

from typing import Any

from .comparing import ASKED, OUTCOMES, LineVerdict, Preview, told_of
from .lines import RowRemark

SHOWN = 40  # lines of each kind that a person is shown on the command line


def answer(preview: Preview, *, lines: bool = False) -> dict[str, Any]:
    """Counts, errors and how the columns were understood, for a program; with `lines`, every medicine too."""
    contents = preview.contents
    remarks = [*contents.remarks, *(r for v in preview.verdicts for r in v.line.remarks)]
    found: dict[str, Any] = preview.counts | {
        "rows": contents.rows,
        "errors": [remark_json(r) for r in remarks if r.refuses],
        "remarks": [remark_json(r) for r in remarks if not r.refuses],
        "columns": [
            {"sheet": t.sheet, "header_row": t.header_row, "fields": {c.field: c.header for c in t.columns if c.field}}
            for t in contents.tables
        ],
    }
    if lines:
        found["lines"] = [line_json(v) for v in preview.verdicts]
    return found


def remark_json(remark: RowRemark) -> dict[str, Any]:
    return {name: getattr(remark, name) for name in ("file", "sheet", "row", "column", "says")}


def line_json(verdict: LineVerdict) -> dict[str, Any]:
    line = verdict.line
    return {
        "row": line.row,
        "sheet": line.sheet,
        "key": line.key,
        "name": line.label,
        "outcome": verdict.outcome,
        "told": told_of(line),
        "changes": [c.as_json() for c in verdict.changes],
        "candidates": [str(medicine.id) for medicine in verdict.candidates],
    }


def as_text(preview: Preview, dry: bool = False) -> str:
    """How the columns were understood, the counts, and everything that somebody should look at."""
    contents, lines = preview.contents, []
    for table in contents.tables:
        fields = ", ".join(f"{c.field} = {c.header}" for c in table.columns if c.field and c.field != "other")
        lines.append(f"{table.sheet or contents.file}: header in row {table.header_row}: {fields}")
    counts = preview.counts
    verb = "would be " if dry else ""
    lines.append(
        f"{counts['read']} medicines read from {contents.rows} rows: "
        + ", ".join(f"{counts[o]} {verb}{o}" for o in OUTCOMES)
        + (f", {counts[ASKED]} left out with a question" if counts.get(ASKED) else "")
        + "."
    )
    for verdict in [v for v in preview.verdicts if v.outcome in ("updated", "kept")][:SHOWN]:
        lines.append(f"  {verdict.line.label}: " + "; ".join(map(change_text, verdict.changes)))
    remarks = [*contents.remarks, *(r for v in preview.verdicts for r in v.line.remarks)]
    lines += [f"  {remark}" for remark in remarks[:SHOWN]]
    if len(remarks) > SHOWN:
        lines.append(f"  … and {len(remarks) - SHOWN} more remarks; --json lists them all.")
    return "\n".join(lines)


def change_text(change: Any) -> str:
    found = change.as_json()
    return f"{change.field} {found['old']} → {found['new']}" + (" (own value kept)" if change.kept else "")
