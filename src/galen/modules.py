"""The modules of Galen: found as folders, put in order by their layers, loaded, and refused when amiss."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from galen.core.gate import CATALOGUE
from galen.core.web import Route, idempotency

from .core import audit, numbers
from .core.errors import Refusal
from .identity import PERMISSIONS

PACKAGE = Path(__file__).parent
LAYERS = PACKAGE.parents[1] / "pyproject.toml"
TOP, BOTTOM = "demo", "core"
PARTS = ("models", "jobs", "routes", "browser")
RECORDS_OF_CORE = (audit, numbers, idempotency)
"""What core keeps of its own stands here by name: its tables are made with those of the modules."""


class Misbuilt(Refusal):
    """The folders are not as they should be; the sentence names the place."""

    status, message = 500, "{says}"


@dataclass(frozen=True)
class Module:
    """A module that is loaded: its name, its table of routes, and a router of its own where it has one."""

    name: str
    routes: list[Route]
    browser: Any = None


@cache
def discover() -> tuple[Module, ...]:
    """Every module, loaded from the lowest layer up, so that its records, jobs, verbs and refusals are known."""
    found = tuple(load(name) for name in names())
    refuse_unknown_permissions({name: verb.permission for name, verb in CATALOGUE.items()})  # type: ignore[attr-defined]
    return found


def names(package: Path = PACKAGE, layers: Path = LAYERS) -> list[str]:
    """The folders beside this file that are modules, the lowest first, as `pyproject.toml` says."""
    order, folders = list(layered(layers)), {f.name for f in package.iterdir() if any(f.glob("*.py"))}
    sure = {name for name, optional in order if not optional}
    known = {name for name, _ in order}
    if missing := sorted(sure - folders):
        raise Misbuilt(
            says=f"pyproject.toml names the layer {missing[0]}, and there is no folder src/galen/{missing[0]}."
        )
    if orphans := sorted(folders - known - everything_else(layers)):
        raise Misbuilt(
            says=f"src/galen/{orphans[0]} stands in no layer: name it in pyproject.toml (tool.importlinter)."
        )
    if faceless := sorted(name for name in known & folders if not (package / name / "__init__.py").is_file()):
        raise Misbuilt(says=f"src/galen/{faceless[0]} has no face: write its __init__.py.")
    for name in sorted(known & folders):
        refuse_misspelt_parts(package / name)
    return [name for name, _ in order if name in folders]


def layered(layers: Path) -> Iterator[tuple[str, bool]]:
    """The modules between core and the demo from below, each with whether it may be missing."""
    for row in reversed(between(layer_rows(layers))):
        for word in row.split("|"):
            name = word.strip()
            yield name.strip("()"), name.startswith("(")


def layer_rows(layers: Path) -> list[str]:
    contract = tomllib.loads(layers.read_text())["tool"]["importlinter"]["contracts"][0]
    return list(contract["layers"])


def between(every: list[str]) -> list[str]:
    return every[every.index(TOP) + 1 : every.index(BOTTOM)]


def everything_else(layers: Path) -> set[str]:
    """What has a layer without being a module: core at the bottom, and what stands at the top."""
    others = set(layer_rows(layers)) - set(between(layer_rows(layers)))
    return {word.strip().strip("()") for row in others for word in row.split("|")}


def refuse_misspelt_parts(folder: Path) -> None:
    """`route.py` would be read by nobody."""
    for file in sorted(folder.glob("*.py")):
        meant = get_close_matches(file.stem, PARTS, 1, 0.8)
        if meant and file.stem not in PARTS:
            raise Misbuilt(says=f"src/galen/{folder.name}/{file.name} is read by nobody: is it meant as {meant[0]}.py?")


def load(name: str) -> Module:
    """A module and those of its parts that speak for themselves: records, jobs, routes."""
    import_module(f"galen.{name}")
    parts = {part: import_module(f"galen.{name}.{part}") for part in PARTS if find_spec(f"galen.{name}.{part}")}
    routes = getattr(parts.get("routes"), "routes", None if "routes" in parts else [])
    if not isinstance(routes, list) or not all(isinstance(route, Route) for route in routes):
        raise Misbuilt(says=f"src/galen/{name}/routes.py has no list `routes` of get(…), post(…), …")
    return Module(name, routes, getattr(parts.get("browser"), "router", None))


def refuse_unknown_permissions(asked: Mapping[str, str], known: Iterable[str] = PERMISSIONS) -> None:
    """A permission that is in no list would refuse everybody, and look like a refusal that was meant."""
    for verb, permission in sorted(asked.items()):
        if permission not in known and not permission.startswith("public."):
            near = get_close_matches(permission, known, 1)
            hint = f" Is {near[0]} meant?" if near else ""
            raise Misbuilt(
                says=f"{verb} asks for the permission {permission}, which identity/roles.py does not list.{hint}"
            )
