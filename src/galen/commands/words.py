"""Words in other languages: what is said, what is translated, what is missing."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

cli = typer.Typer(no_args_is_help=True, help=__doc__)


@cli.command()
def extract() -> None:
    """Print every message of Galen as a template for translators (POT)."""
    from .translating import messages, template  # lazy: it reads every file of Galen

    sys.stdout.buffer.write(template(messages()))


@cli.command()
def merge(language: Annotated[str, typer.Argument(help="Such as es; a new one is begun")] = "") -> None:
    """Bring the catalogues to what is said now: new messages come in, vanished ones go, changed ones are marked."""
    from .translating import catalogues, merged, messages  # lazy: it reads every file of Galen

    found = messages()
    for tag in [language] if language else catalogues():
        counts = merged(tag, found)
        typer.echo(f"{tag}: {counts.all} messages, {counts.missing} without a translation, {counts.fuzzy} to look at")


@cli.command()
def missing(
    language: Annotated[str, typer.Argument(help="Such as es; all when left out")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For a translator's tools")] = False,
) -> None:
    """Tell what has no translation, or one that breaks its message; ends with 1 when there is anything."""
    from .translating import catalogues, messages, trouble  # lazy: it reads every file of Galen

    found = messages()
    told = {tag: trouble(tag, found) for tag in ([language] if language else catalogues())}
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for tag, lines in told.items():
            for line in lines:
                typer.echo(f"{tag}: {line['why']}: {line['message']!r}")
    raise typer.Exit(any(told.values()))


@cli.command()
def fill(
    language: Annotated[str, typer.Argument(help="Such as es")],
    file: Annotated[Path, typer.Argument(help="What `missing --json` printed, each line with its `translation`")],
) -> None:
    """Take translations from a file and put them into the catalogue."""
    from .translating import fill as take  # lazy: it reads every file of Galen

    said = json.loads(file.read_text())
    typer.echo(f"{take(language, said[language] if isinstance(said, dict) else said)} translations taken")
