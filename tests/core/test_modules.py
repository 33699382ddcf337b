"""Modules are found, not listed: what stands in no layer, has no face or is misspelt is refused with a sentence."""

from pathlib import Path

import pytest

import galen
from galen.core.web import get
from galen.modules import Misbuilt, discover, load, names
from galen.queue import today

LAYERS = """[[tool.importlinter.contracts]]
layers = ["app", "demo", "(orders) | billing", "patients", "core"]"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with two modules, one of which has a table."""
    (tmp_path / "pyproject.toml").write_text(LAYERS)
    for name in ("app", "demo", "core", "billing", "patients"):
        build(tmp_path / "galen" / name, __init__='"""A face."""')
    build(tmp_path / "galen" / "billing", routes="routes = []")
    return tmp_path


def build(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)


def found(checkout: Path) -> list[str]:
    return names(checkout / "galen", checkout / "pyproject.toml")


def refusal(checkout: Path) -> str:
    with pytest.raises(Misbuilt) as refused:
        found(checkout)
    return str(refused.value)


def test_modules_are_the_folders_between_core_and_the_demo_from_below(checkout):
    assert found(checkout) == ["patients", "billing"]
    build(checkout / "galen" / "orders", __init__="")
    assert found(checkout) == ["patients", "orders", "billing"]


def test_what_git_left_behind_is_no_module(checkout):
    (checkout / "galen" / "gone" / "__pycache__").mkdir(parents=True)
    assert found(checkout) == ["patients", "billing"]


def test_a_folder_without_a_layer_is_an_orphan(checkout):
    build(checkout / "galen" / "telehealth", __init__="", routes="routes = []")
    assert "src/galen/telehealth stands in no layer" in refusal(checkout)


def test_a_folder_without_a_face_is_refused(checkout):
    build(checkout / "galen" / "orders", models="")
    assert refusal(checkout) == "src/galen/orders has no face: write its __init__.py."


def test_a_layer_without_a_folder_is_misspelt(checkout):
    (checkout / "pyproject.toml").write_text(LAYERS.replace("billing", "biling"))
    assert "names the layer biling" in refusal(checkout)


@pytest.mark.parametrize(("file", "meant"), [("route", "routes"), ("rotues", "routes"), ("job", "jobs")])
def test_a_part_that_nobody_would_read_is_misspelt(checkout, file, meant):
    build(checkout / "galen" / "billing", **{file: ""})
    assert refusal(checkout) == f"src/galen/billing/{file}.py is read by nobody: is it meant as {meant}.py?"


@pytest.mark.parametrize("table", ["", "route = []", "routes = ()", "routes = ['/orders']"])
def test_a_table_that_is_none_is_refused(tmp_path, monkeypatch, table):
    name = f"orders_{abs(hash(table))}"
    build(tmp_path / name, __init__="", routes=table)
    monkeypatch.setattr(galen, "__path__", [*galen.__path__, str(tmp_path)])
    with pytest.raises(Misbuilt, match=f"src/galen/{name}/routes.py has no list `routes`"):
        load(name)


def test_a_module_brings_its_table(tmp_path, monkeypatch):
    build(tmp_path / "lobby", __init__="", routes="from galen.core.web import get\nfrom galen.queue import today\n"
          "routes = [get('/lobby', today, json=list)]")  # fmt: skip
    monkeypatch.setattr(galen, "__path__", [*galen.__path__, str(tmp_path)])
    assert load("lobby").routes == [get("/lobby", today, json=list)]


def test_every_module_is_loaded_with_what_it_brings():
    brought = {module.name: module for module in discover()}
    order = [*brought]
    assert order.index("notifications") < order.index("patients") < order.index("queue") < order.index("fhir")
    assert brought["queue"].routes and brought["identity"].browser
