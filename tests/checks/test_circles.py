"""The check for import circles finds what it is for, however it is hidden, in trees made for it."""

from pathlib import Path

import pytest

from checks.circles import SOURCE, circles, complaints, graph, late


@pytest.mark.parametrize(
    ("way", "hidden"),
    [
        ("at the top", "from galen.queue.service import call_next"),
        ("relatively", "from ..queue import service"),
        ("for types only", "if TYPE_CHECKING:\n    from galen.queue import service"),
        ("by name", "import galen.queue.service"),
    ],
)
def test_a_circle_is_found_however_it_is_written(way, hidden):
    tree = {"queue/__init__.py": "", "queue/service.py": "from galen.desk.page import draw", "desk/page.py": hidden}
    assert complaints(tree) == ["a circle of 2: desk/page.py · queue/service.py"]


def test_a_circle_inside_a_function_is_found_twice():
    tree = {"a.py": "from .b import B", "b.py": "def f():\n    from .a import A"}
    assert [line.split(":")[0] for line in complaints(tree)] == ["a circle of 2", "src/galen/b.py"]


def test_a_file_that_enters_its_own_face_makes_a_circle():
    tree = {"queue/__init__.py": "from .service import call", "queue/service.py": "from . import Token"}
    assert circles(graph(tree)) == [["queue/__init__.py", "queue/service.py"]]


def test_two_circles_that_touch_nowhere_are_two():
    tree = {
        "a.py": "from .b import B",
        "b.py": "from .a import A",
        "c.py": "from .d import D",
        "d.py": "from .c import C",
    }
    assert circles(graph(tree)) == [["a.py", "b.py"], ["c.py", "d.py"]]


def test_what_only_points_down_is_no_circle():
    tree = {"a.py": "from .b import B\nfrom .c import C", "b.py": "from .c import C", "c.py": "from json import loads"}
    assert circles(graph(tree)) == []


@pytest.mark.parametrize(
    ("path", "line", "said"),
    [
        ("queue/service.py", "from galen.billing import charge", "put it at the top"),
        ("queue/service.py", "from galen.billing import charge  # lazy: help is quick", "put it at the top"),
        ("commands/queue.py", "from galen.billing import charge", "says why"),
        ("commands/queue.py", "from galen.billing import charge  # lazy: only one command draws papers", ""),
        ("queue/service.py", "from decimal import Decimal", ""),
    ],
)
def test_a_late_import_stands_only_where_a_command_starts_and_says_why(path, line, said):
    found = list(late(path, f"def go():\n    {line}\n"))
    assert len(found) == bool(said) and all(said in one for one in found)


def test_it_reads_the_house_itself():
    edges = graph({str(file.relative_to(SOURCE)): file.read_text() for file in Path(SOURCE).rglob("*.py")})
    assert edges["queue/routes.py"] >= {"queue/service.py", "queue/schemas.py", "core/web/__init__.py"}
