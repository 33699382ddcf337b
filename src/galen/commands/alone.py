"""Packages that need no database, by their folder: the faces of their modules would bring all of it."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[1]


def alone(folder: str) -> Any:
    """A package that stands by itself, such as `prescribing/directions`."""
    place = SOURCE / folder
    spec = spec_from_file_location(place.name, place / "__init__.py", submodule_search_locations=[str(place)])
    assert spec and spec.loader
    package = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(package)
    return package
