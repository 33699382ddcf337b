"""No import circle in src/galen, and no import inside a function that would only break one.

Every import counts: at the top, under TYPE_CHECKING and inside functions, for a circle that is hidden is still one. A
late import is allowed where a command starts, so that it starts quickly, with its reason on the line: `# lazy: …`.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "galen"
MAY_BE_LAZY = ("commands/", "app.py", "supervisor.py", "__main__.py")
Sources = Mapping[str, str]
"""Text by path below the package: {"queue/models.py": "…"}."""


def module_of(path: str, package: str) -> str:
    return ".".join([package, *path.removesuffix(".py").removesuffix("__init__").strip("/").split("/")]).strip(".")


def imports(path: str, text: str, package: str) -> Iterator[tuple[ast.stmt, str]]:
    """Each import of the package itself, as the statement and the dotted name that it asks for."""
    here = module_of(path, package).split(".")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names if alias.name.split(".")[0] == package)
        elif isinstance(node, ast.ImportFrom):
            up = len(here) - node.level + path.endswith("__init__.py")
            base = [*(here[:up] if node.level else []), *(node.module.split(".") if node.module else [])]
            if base[0] == package:
                yield from ((node, ".".join([*base, alias.name])) for alias in node.names)


def graph(sources: Sources, package: str = "galen") -> dict[str, set[str]]:
    """Which file asks for which: by path. `from .x import y` asks for the file y of the folder x, or else for x."""
    files = {module_of(path, package): path for path in sources}
    edges: dict[str, set[str]] = {path: set() for path in sources}
    for path, text in sources.items():
        for _, name in imports(path, text, package):
            found = files.get(name) or files.get(name.rpartition(".")[0])
            if found and found != path:
                edges[path].add(found)
    return edges


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Files that reach each other, in groups (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    held: list[str] = []
    found: list[list[str]] = []

    def visit(file: str) -> None:
        order[file] = low[file] = len(order)
        held.append(file)
        for other in sorted(edges[file]):
            if other not in order:
                visit(other)
                low[file] = min(low[file], low[other])
            elif other in held:
                low[file] = min(low[file], order[other])
        if low[file] == order[file]:
            group = held[held.index(file) :]
            del held[held.index(file) :]
            if len(group) > 1:
                found.append(sorted(group))

    for file in sorted(edges):
        if file not in order:
            visit(file)
    return found


def late(path: str, text: str, package: str = "galen") -> Iterator[str]:
    """Imports of the package inside functions, where they may not be or without their reason."""
    lines = text.splitlines()
    inside = set(late_lines(ast.parse(text)))
    for line in sorted({node.lineno for node, _ in imports(path, text, package) if node.lineno in inside}):
        if not path.startswith(MAY_BE_LAZY):
            yield f"src/{package}/{path}:{line}: an import inside a function; put it at the top, and break the circle"
        elif "# lazy: " not in lines[line - 1]:
            yield f"src/{package}/{path}:{line}: an import inside a function says why: `# lazy: …`"


def late_lines(tree: ast.Module) -> Iterator[int]:
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom)))


def complaints(sources: Sources) -> list[str]:
    said = [f"a circle of {len(group)}: {' · '.join(group)}" for group in circles(graph(sources))]
    return said + [line for path, text in sorted(sources.items()) for line in late(path, text)]


BAD: list[Sources] = [
    {"a.py": "from .b import B", "b.py": "from . import a"},
    {"a/__init__.py": "from .x import X", "a/x.py": "from galen.b import B", "b.py": "import galen.a"},
    {"a.py": "from .b import B", "b.py": "if TYPE_CHECKING:\n    from .a import A"},
    {"a.py": "from .b import B", "b.py": "def f():\n    from galen.a import A"},
    {"a.py": "from .b import B", "b.py": "from .c import C", "c.py": "from .a import A"},
    {"a.py": "def f():\n    from .b import B", "b.py": ""},
    {"commands/a.py": "def f():\n    from ..b import B", "b.py": ""},
]
GOOD: list[Sources] = [
    {"a.py": "from .b import B\nfrom .c import C", "b.py": "from .c import C", "c.py": "import json"},
    {"a/__init__.py": "from .x import X", "a/x.py": "from . import y", "a/y.py": ""},
    {"commands/a.py": "def f():\n    from ..b import B  # lazy: it starts a database", "b.py": ""},
    {"a.py": "def f():\n    import json"},
]


def test_itself(bad: Iterable[Sources] = BAD, good: Iterable[Sources] = GOOD) -> None:
    for sources in bad:
        assert complaints(sources), sources
    for sources in good:
        assert not complaints(sources), (sources, complaints(sources))


def main() -> None:
    test_itself()
    sources = {str(file.relative_to(SOURCE)): file.read_text() for file in sorted(SOURCE.rglob("*.py"))}
    sys.exit("\n".join(complaints(sources)) or 0)


if __name__ == "__main__":
    main()
