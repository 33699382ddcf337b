"""Medicines from price lists and reference files. Exit 0: all taken; 1: some rows refused; 2: nothing read."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from galen.core.errors import Refusal
from galen.medicines.importing import answer, as_text, import_file, preview_file, source_of
from galen.medicines.importing.rxnorm_applying import import_rxnorm
from galen.medicines.importing.suppliers import SUPPLIERS
from galen.safety.importing import import_interactions

from .saying import Json, Slug, say
from .services import open_services

File = Annotated[
    Path, typer.Argument(help="The file as it came: xls, xlsx, csv, tsv, txt, json, also with .gz or .zip.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change; nothing is written.")]
Accept = Annotated[
    bool, typer.Option("--accept", help="Let the file replace values that the organisation made its own.")
]
Currency = Annotated[str, typer.Option(help="Currency of the prices; by default the organisation's.")]
Map = Annotated[list[str] | None, typer.Option("--map", help="field=Header where the guess is wrong; may be repeated.")]
NOTHING = {"read": 0, "created": 0, "updated": 0, "unchanged": 0, "kept": 0, "refused": 0}


def pairs(said: list[str] | None) -> dict[str, str]:
    """`cost=Net price` as header and field."""
    wrong = [pair for pair in said or () if "=" not in pair]
    if wrong:
        raise typer.BadParameter(f"Write {wrong[0]} as field=Header, such as cost=Net price.", param_hint="--map")
    return {header.strip(): field.strip() for field, _, header in (pair.partition("=") for pair in said or ())}


def run(
    kind: str, path: Path, organization: str, as_json: bool, dry: bool, *, supplier: str = "",
    columns: dict[str, str] | None = None, accept: bool = False, currency: str = "",
) -> None:  # fmt: skip
    """One file through the one mechanism; what was refused is said row by row."""

    async def go() -> Any:
        source, content = source_of(kind, supplier, columns), bytes_of(path)
        async with open_services() as services, services.as_system(organization, f"import.{kind}") as ctx:
            with ctx.doing(f"import.{kind}"):
                if dry:
                    return await preview_file(ctx, source, path.name, content, accept=accept, currency=currency)
                return await import_file(ctx, source, path.name, content, accept=accept, currency=currency)

    preview = attempted(path, as_json, go)
    say(answer(preview, lines=dry), as_json, as_text(preview, dry))
    if preview.counts["refused"] or preview.counts.get("asked"):
        raise typer.Exit(1)


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def attempted(path: Path, as_json: bool, go: Callable[[], Any]) -> Any:
    """The work done, or the one sentence why the file as a whole cannot be imported."""
    try:
        return asyncio.run(go())
    except (Refusal, OSError) as error:
        words = f"{path} cannot be opened. Check the path." if isinstance(error, OSError) else str(error)
        error_row = {"file": path.name, "sheet": "", "row": 0, "column": getattr(error, "field", ""), "says": words}
        say({**NOTHING, "errors": [error_row]}, as_json, f"galen: {words}")
        raise typer.Exit(2) from None


def prices(
    file: File,
    supplier: Annotated[str, typer.Option(help="Whose list it is.")],
    columns: Map = None,
    organization: Slug = "",
    currency: Currency = "",
    dry_run: DryRun = False,
    accept: Accept = False,
    as_json: Json = False,
) -> None:
    """Read any supplier's price list; columns are guessed, and `--map` corrects the guess."""
    run(
        "prices",
        file,
        organization,
        as_json,
        dry_run,
        supplier=supplier,
        columns=pairs(columns),
        accept=accept,
        currency=currency,
    )


def orange_book(
    file: File, organization: Slug = "", dry_run: DryRun = False, accept: Accept = False, as_json: Json = False
) -> None:
    """Read the FDA Orange Book's products.txt, with its equivalence codes."""
    run("orange-book", file, organization, as_json, dry_run, accept=accept)


def openfda(
    file: File, organization: Slug = "", dry_run: DryRun = False, accept: Accept = False, as_json: Json = False
) -> None:
    """Read products and packages of the NDC directory as openFDA gives them (JSON)."""
    run("openfda", file, organization, as_json, dry_run, accept=accept)


def pbs(
    file: File, organization: Slug = "", dry_run: DryRun = False, accept: Accept = False, as_json: Json = False
) -> None:
    """Read the items of the Australian PBS (its API's CSV or JSON)."""
    run("pbs", file, organization, as_json, dry_run, accept=accept)


def rxnorm(
    file: File, organization: Slug = "", dry_run: DryRun = False, accept: Accept = False, as_json: Json = False
) -> None:
    """Read RxNorm's RXNCONSO.RRF: identifiers and names of ingredients, identifiers of products."""

    async def go() -> Any:
        content = bytes_of(file)
        async with open_services() as services, services.as_system(organization, "import.rxnorm") as ctx:
            return await import_rxnorm(ctx, file.name, content, dry=dry_run, accept=accept)

    found = attempted(file, as_json, go)
    say(found, as_json, ", ".join(f"{found[name]} {name}" for name in NOTHING))
    if found["refused"]:
        raise typer.Exit(1)


def interactions(
    file: File,
    source: Annotated[str, typer.Option(help="ddinter, ansm, or the name of the table's publisher.")],
    columns: Map = None,
    groups: Annotated[
        Path | None, typer.Option(help="Members of classes; by default a file with “groups” in its name beside it.")
    ] = None,
    edition: Annotated[str, typer.Option(help="Edition of the table, as published.")] = "",
    licence: Annotated[str, typer.Option(help="Under which licence the organisation uses it.")] = "",
    organization: Slug = "",
    as_json: Json = False,
) -> None:
    """Read an external interaction table (DDInter, ANSM, any with --map); it takes part in checks from then on."""

    async def go() -> Any:
        content, members = bytes_of(file), bytes_of(beside) if (beside := groups or groups_beside(file)) else b""
        async with open_services() as services, services.as_system(organization, "import.interactions") as ctx:
            return await import_interactions(
                ctx,
                source,
                file.name,
                content,
                columns=pairs(columns),
                groups=members,
                edition=edition,
                licence=licence,
            )

    result = attempted(file, as_json, go)
    counts = ", ".join(f"{number} {name}" for name, number in result.counts.items())
    words = [
        f"{result.source}: {result.pairs} pairs ({counts})",
        *(f"  row {e['row']}: {e['says']}" for e in result.errors[:40]),
    ]
    found = {
        **result.counts,
        "pairs": result.pairs,
        "source": result.source,
        "columns": result.columns,
        "errors": result.errors,
    }
    say(found, as_json, "\n".join(words))
    if result.counts["refused"]:
        raise typer.Exit(1)


def groups_beside(path: Path) -> Path | None:
    """The table of classes that was published with a file."""
    start = path.name.split("_")[0]
    return next(
        (file for file in sorted(path.parent.glob(f"{start}*")) if "group" in file.name.casefold() and file != path),
        None,
    )


def supplier_command(slug: str, name: str) -> Callable[..., None]:
    """A command for a supplier whose list is known."""

    def read(
        file: File, columns: Map = None, organization: Slug = "", currency: Currency = "", dry_run: DryRun = False,
        accept: Accept = False, as_json: Json = False,
    ) -> None:  # fmt: skip
        run(
            "prices",
            file,
            organization,
            as_json,
            dry_run,
            supplier=slug,
            columns=pairs(columns),
            accept=accept,
            currency=currency,
        )

    read.__doc__ = f"Read the product and price list of {name}: THC, CBD, form, schedule, pack and prices."
    return read


def register(cli: typer.Typer) -> None:
    """Add the commands; suppliers each have their own word."""
    for command in (prices, orange_book, openfda, pbs, rxnorm, interactions):
        cli.command(command.__name__.replace("_", "-"))(command)
    for slug, supplier in SUPPLIERS.items():
        cli.command(slug)(supplier_command(slug, supplier.name))
