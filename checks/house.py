"""House rules too particular for ruff. Each carries a line that breaks it and one that does not, and so tests itself.

An exception is one comment on the line, with its reason: `# house: …`.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "galen"
LONGEST, WIDEST = 400, 160


@dataclass(frozen=True)
class Rule:
    """What must not stand where. `spares` are beginnings of paths below src/galen where it may."""

    says: str
    pattern: str
    bad: str
    good: str
    spares: tuple[str, ...] = ("core/", "asgi/", "i18n/", "values/", "provisioning/", "postgres/")
    files: str = "*.py"

    def breaches(self, path: str, text: str) -> Iterator[str]:
        if not path.startswith(self.spares):
            for number, line in enumerate(text.splitlines(), 1):
                if re.search(self.pattern, line) and "house:" not in line:
                    yield f"src/galen/{path}:{number}: {self.says}"


RULES = [
    Rule(
        "the request commits, nobody else", r"\bdb\.(commit|rollback)\(", "await ctx.db.commit()", "await ctx.flush()"
    ),
    Rule(
        "time comes from ctx.now", r"\b(datetime\.now|utcnow|date\.today)\(", "at = datetime.now(UTC)", "at = ctx.now"
    ),
    Rule("refuse with a Refusal", r"\bHTTPException\b", "raise HTTPException(404)", "raise NotFound(thing='batch')"),
    Rule(
        "another module is entered by its face",
        r"from galen\.(?!core\b|values\b|asgi\b|i18n\b|provisioning\b|demo\b)\w+\.\w+ import",
        "from galen.billing.models import Invoice",
        "from galen.billing import Invoice",
        ("core/", "app.py", "commands", "supervisor.py", "demo/"),
    ),
    Rule(
        "the audit log is written by the context: ctx.note_created, ctx.note_changed",
        r"\brow_about\(|\bctx\.audit\b",
        "ctx.audit.append(row_about(record, 'created', {}))",
        "ctx.note_created(record)",
    ),
    Rule(
        "what the session must not flush yet stands in ctx.flush_later()",
        r"\bno_autoflush\b|\bmake_transient",
        "with ctx.db.no_autoflush:",
        "with ctx.flush_later():",
    ),
    Rule(
        "money and quantities are never floats",
        r"\bfloat\(",
        "price = float(text)",
        "price = Decimal(text)",
        ("core/web/",),
    ),
    Rule(
        "what people type is no pattern: galen.values.like makes one of it",
        r"\.i?like\((?!like\.|holding\b|literal\b)|autoescape=True\)|\.i(contains|startswith|endswith)\(",
        'query.where(Site.name.ilike(f"%{q}%"))',
        "query.where(Site.name.ilike(like.within(q)))",
        (),
    ),
    Rule("templates trust nothing blindly", r"\|\s*safe\b", "{{ name | safe }}", "{{ name }}", (), "*.html"),
    Rule("pages hold no inline style", r"\sstyle=", '<p style="color: red">', '<p class="tone-danger">', (), "*.html"),
    Rule(
        "pages hold no inline script",
        r"<script(?![^>]*\bsrc=)|\son\w+=|hx-on",
        "<a onclick=go()>",
        "<a href=x>",
        (),
        "*.html",
    ),
    Rule(
        "a variable is called what it is, not `one`",
        r"\bfor (\w+, )*one(, \w+)* in\b|\blambda one\b|\bone(, \w+)* :?= |[(,] ?one: ",
        "daily = sum(one.daily for one in doses)",
        "daily = sum(dose.daily for dose in doses)  # one after another",
        (),
    ),
    Rule(
        "a page asks nobody's rights: button, link and ui.only know the verb",
        r"\bmay\(",
        '{% if may("billing.refund") %}',
        '{{ button(_("Refund"), "billing.refund") }}',
        ("core/templates/ui/",),
        "*.html",
    ),
    Rule(
        "a page compares no states and sifts no lists: the view has a property for it",
        r"\.value\s*(==|!=|in\b|not in\b)|\b(select|reject)(attr)?\(",
        '{% if job.state.value == "waiting" %}',
        "{% if job.next_try %}",
        ("core/templates/ui/",),
        "*.html",
    ),
    *(
        Rule(
            f"longer than {WIDEST} characters",
            rf"^.{{{WIDEST + 1}}}",
            "x" * (WIDEST + 1),
            "x" * WIDEST,
            ("core/static/vendor/",),
            kind,
        )
        for kind in ("*.html", "*.css", "*.js")
    ),
]


def tables_hold_no_queries(path: str, text: str) -> Iterator[str]:
    if path.endswith(("routes.py", "schemas.py", "rules.py", "events.py")) and not path.startswith("core/"):
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\bselect\(", line):
                yield f"src/galen/{path}:{number}: tables, shapes and rules hold no queries"


def same_names(sources: dict[str, str]) -> Iterator[str]:
    """Two classes of one name: whoever reads it in a third file cannot tell which of them is meant."""
    homes: dict[str, list[str]] = {}
    for path, text in sources.items():
        for name in re.findall(r"^class (\w+)", text, re.M):
            homes.setdefault(name, []).append(path)
    for name, paths in homes.items():
        if len(paths) > 1:
            yield f"src/galen: class {name} stands in {' and in '.join(paths)}"


def main() -> None:
    for rule in RULES:
        assert list(rule.breaches("x", rule.bad)) and not list(rule.breaches("x", rule.good)), rule.says
    assert list(same_names({"a.py": "class Visit:", "b.py": "class Visit(Record):"}))
    assert not list(same_names({"a.py": "class Visit:", "b.py": "class VisitView:"}))
    found = [*same_names({str(file.relative_to(SOURCE)): file.read_text() for file in sorted(SOURCE.rglob("*.py"))})]
    for pattern in ("*.py", "*.html", "*.css", "*.js"):
        for file in sorted(SOURCE.rglob(pattern)):
            path, text = str(file.relative_to(SOURCE)), file.read_text()
            found += [b for rule in RULES if rule.files == pattern for b in rule.breaches(path, text)]
            found += tables_hold_no_queries(path, text) if pattern == "*.py" else []
            if len(text.splitlines()) > LONGEST and pattern in ("*.py", "*.html"):
                found.append(f"src/galen/{path}: longer than {LONGEST} lines; split it by groups of verbs")
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
