"""The command line: one word for each thing an operator does. A word's file is imported when the word is said."""

import ast
import gc
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

FILES = {
    "run": "system",
    "renew": "system",
    "web": "system",
    "worker": "system",
    "migrate": "system",
    "openapi": "system",
    "reference": "system",
    "module": "modules",
    "migration": "migrations",
    "interactions": "interactions",
    "sig": "sig",
    "scan": "scan",
    "recalls": "recalls",
    "account": "accounts",
    "audit": "audit",
    "files": "files",
    "import": "imports",
    "jobs": "jobs",
    "organization": "organizations",
    "inventory": "inventory",
    "mqtt-acl": "mqtt",
    "words": "words",
}
"""The file beside this one in which a word stands; it is a command there, or else the file as a whole is its group."""


class LazyCommands(Mapping[str, Any]):
    """Every word with its command, which is made when it is asked for."""

    def __getitem__(self, word: str) -> Any:
        group = get_group(import_module(f".{FILES[word]}", __name__).cli)
        group.name = word
        return group.commands.get(word, group)

    def __iter__(self) -> Iterator[str]:
        return iter(FILES)

    def __len__(self) -> int:
        return len(FILES)


class CommandLine(TyperGroup):
    """A group that knows what its words mean without importing them."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(FILES)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(word, meaning(word)) for word in FILES])


def meaning(word: str) -> str:
    """The first sentence of a word, read from its file as text."""
    tree = ast.parse((Path(__file__).parent / f"{FILES[word]}.py").read_text())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == word)
    return (ast.get_docstring(next(functions, tree)) or "").split("\n")[0]


cli = CommandLine(
    name="galen",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Galen: clinic, pharmacy and patients in one system.",
)
cli.commands = LazyCommands()  # type: ignore[assignment]  # nothing is ever added to it


def main() -> None:
    """Run a command; what goes wrong ends in one sentence and a non-zero exit."""
    gc.set_threshold(20_000, 20, 50)  # while thousands of classes are made hardly anything is garbage
    try:
        cli(prog_name="galen")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from .refusing import in_a_sentence  # lazy: only what goes wrong needs all the words for it

        sys.exit(f"galen: {in_a_sentence(error)}")
