"""Which icons Galen's own sources draw."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "galen"
ICON = r"[a-z][a-z0-9-]*"


@cache
def used() -> set[str]:
    """In templates and scripts by class or as `icon=`, in Python as what a parameter called `icon` is given."""
    found: set[str] = set()
    for file in sorted(SOURCE.rglob("*.*")):
        if file.suffix in (".html", ".js", ".css") and "vendor" not in file.parts:
            found |= set(drawn_in(file.read_text()))
    trees = [ast.parse(file.read_text()) for file in sorted(SOURCE.rglob("*.py"))]
    places = dict(takers(trees))
    return found | {name for tree in trees for name in (*given_in(tree, places), *named_in(tree))}


def drawn_in(text: str) -> Iterator[str]:
    yield from re.findall(rf"\bti-({ICON})", text)
    yield from re.findall(rf"\bicon=[\"']({ICON})[\"']", text)
    for expression in re.findall(r"\bti-{{(.*?)}}", text):  # a choice: the words of its test and its keys are no icons
        yield from re.findall(rf"(?<!== )['\"]({ICON})['\"](?!\s*:)", expression)


def takers(trees: list[ast.Module]) -> Iterator[tuple[str, int]]:
    """Functions that take an icon, and at which place."""
    for tree in trees:
        for one in ast.walk(tree):
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [argument.arg for argument in one.args.args]
                if "icon" in names:
                    yield one.name, names.index("icon")


def named_in(tree: ast.Module) -> Iterator[str]:
    """What a property called `icon` answers, and what stands in a table whose name says that it holds icons."""
    for node in ast.walk(tree):
        own: list[ast.AST] = []
        if isinstance(node, ast.FunctionDef) and node.name == "icon":
            own = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
            own = [
                end for part in own for end in ((part.body, part.orelse) if isinstance(part, ast.IfExp) else (part,))
            ]
        elif isinstance(node, ast.Assign) and any("ICON" in getattr(target, "id", "") for target in node.targets):
            own = list(getattr(node.value, "values", []))
        yield from (part.value for part in own if isinstance(part, ast.Constant) and isinstance(part.value, str))


def given_in(tree: ast.Module, places: dict[str, int]) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            given = [k.value for k in call.keywords if k.arg == "icon"]
            if name in places and len(call.args) > places[name]:
                given.append(call.args[places[name]])
            yield from (word for value in given for word in words(value))


def words(value: ast.expr) -> Iterator[str]:
    """`"pill"`, and both of `"pill" if paid else "cash"`."""
    if isinstance(value, ast.IfExp):
        yield from (*words(value.body), *words(value.orelse))
    elif isinstance(value, ast.Constant) and value.value:
        yield str(value.value)
