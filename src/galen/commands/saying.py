"""What commands ask and how they answer: for a person, or with --json for a program."""

import json
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Answer for a program.")]
Slug = Annotated[
    str, typer.Option("--organization", "-o", help="Short name of the organisation; by default the first.")
]


def say(answer: Any, as_json: bool, words: str) -> None:
    """The answer, once: for a program or for a person."""
    print(json.dumps(answer, default=str) if as_json else words)
