"""Where a query looks past what its actor may see: every such place is on a reviewed list, with its reason beside it.

A place is a function, or a constant of a module, that calls `bypass_visibility` or gives it as an argument. The list,
checks/bypasses.txt, holds one place a line; a place that is not on it fails, and so does a line whose place is gone.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "galen"
REVIEWED = Path(__file__).with_name("bypasses.txt")
NAME = "bypass_visibility"


def places(path: str, text: str) -> Iterator[str]:
    """`identity/sessions.py identify` for each place in a file."""
    for node in ast.parse(text).body:
        name = next((getattr(part, "name", "") or target_of(part) for part in [node]), "")
        if any(bypasses(part) for part in ast.walk(node)):
            yield f"{path} {name}"


def target_of(node: ast.AST) -> str:
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    return getattr(targets[0], "id", "")


def bypasses(node: ast.AST) -> bool:
    called = isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == NAME
    return called or (isinstance(node, ast.keyword) and node.arg == NAME)


def main() -> None:
    assert list(places("x.py", "async def f(): await g(bypass_visibility(q, 'why'))")) == ["x.py f"]
    assert list(places("x.py", "Q = PreparedQuery(q, bypass_visibility='why')")) == ["x.py Q"]
    assert not list(places("x.py", "async def f(ctx): await ctx.get(Patient, id)"))
    reviewed = {line.partition("#")[0].strip() for line in REVIEWED.read_text().splitlines()} - {""}
    found = {
        place
        for file in sorted(SOURCE.rglob("*.py"))
        if not file.is_relative_to(SOURCE / "core")
        for place in places(str(file.relative_to(SOURCE)), file.read_text())
    }
    complaints = [f"{place}: looks past what its actor may see; not reviewed" for place in sorted(found - reviewed)]
    complaints += [f"{place}: reviewed, and not there any more" for place in sorted(reviewed - found)]
    sys.exit("\n".join(complaints) if complaints else 0)


if __name__ == "__main__":
    main()
