"""A new module, laid out as the others are: what it touches, written all at once or not at all."""

import keyword
import re
from pathlib import Path
from string import Template
from typing import Annotated

import typer
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

from galen.core.errors import Refusal
from galen.core.record import Record
from galen.identity import PERMISSIONS
from galen.modules import LAYERS, discover, layer_rows, layered

cli = typer.Typer()
ROOT, LAYOUT = LAYERS.parent, Path(__file__).parent / "layout"
CAST = {
    "admin": "iris",
    "doctor": "ada",
    "nurse": "nora",
    "pharmacist": "ben",
    "receptionist": "ruth",
    "manager": "max",
}


class NotAModule(Refusal):
    message = "{says} Nothing was written."


@cli.command()
def module(
    name: Annotated[str, typer.Argument(help="Small letters, in the plural: referrals.")],
    above: Annotated[str, typer.Option(help="The module it stands on; by default it stands on all of them.")] = "",
    role: Annotated[str, typer.Option(help="The role that may use it.")] = "receptionist",
) -> None:
    """Lay out a new module: record, verbs, routes, page, job, permission and tests, ready to be filled."""
    thing = singular(name)
    refuse_unfit(name, above, role)
    write(laid_out(name, thing, above, role))
    print(
        f"src/galen/{name} is laid out, and its tests in tests/{name}; {role}s may use it. Next:\n"
        f"  1. Make it yours: what a {thing} is, in models.py, service.py and the page; then the tests.\n"
        f"  2. bin/galen migration {name.replace('_', ' ')}     (again after every change of a record)\n"
        "  3. bin/galen reference\n"
        f"  4. bin/test tests/{name} tests/provisioning/test_migrations.py; bin/check decides."
    )


def singular(name: str) -> str:
    """What one of them is called: referral of referrals, and an entry where the name is no plural."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else f"{name}_entry"


def refuse_unfit(name: str, above: str, role: str) -> None:
    if not (ROOT / "tests" / "matrix" / "who_may.csv").is_file():
        raise NotAModule(says=f"{ROOT} is no checkout of Galen: the tests are not there.")
    if not re.fullmatch("[a-z]{3,20}", name):
        raise NotAModule(says=f"“{name}” is no name for a module: write 3 to 20 small letters, such as referrals.")
    discover()
    thing = singular(name)
    taken = {mapper.class_.__name__ for mapper in Record.registry.mappers} | set(Record.metadata.tables)
    if any(keyword.iskeyword(word) or word in RESERVED_WORDS for word in (name, thing)):
        raise NotAModule(says=f"“{name}” is a word of Python or of SQL; choose another.")
    known = {layer for layer, _ in layered(LAYERS)}
    if (
        name in known
        or name in layer_rows(LAYERS)
        or (ROOT / "src/galen" / name).exists()
        or (ROOT / "tests" / name).exists()
    ):
        raise NotAModule(says=f"“{name}” is taken.")
    if camel(thing) in taken or thing in taken or f"{thing}.read" in PERMISSIONS:
        raise NotAModule(says=f"There is a {thing.replace('_', ' ')} already; choose another name.")
    if above and above not in known:
        raise NotAModule(says=f"There is no module “{above}”; there are {', '.join(sorted(known))}.")
    if role not in CAST:
        raise NotAModule(says=f"There is no role “{role}”; there are {', '.join(CAST)}.")


def camel(thing: str) -> str:
    return "".join(word.capitalize() for word in thing.split("_"))


def laid_out(name: str, thing: str, above: str, role: str) -> dict[Path, str]:
    """Every file that a new module adds or changes, with its whole text."""
    verbs = sorted([f"add_{thing}", f"close_{thing}", name])
    stranger = "ben" if role != "pharmacist" else "nora"
    words = {
        "module": name,
        "thing": thing,
        "Thing": camel(thing),
        "Title": name.capitalize(),
        "path": name,
        "fact": thing.replace("_", "-"),
        "verbs": ", ".join(verbs),
        "quoted": "\n".join(f'    "{verb}",' for verb in verbs),
        "holder": {"max": "max_"}.get(CAST[role], CAST[role]),
        "holder_login": CAST[role],
        "stranger": stranger,
    }
    made: dict[Path, str] = {}
    for file in sorted(LAYOUT.rglob("*.tmpl")):
        part, *rest = file.relative_to(LAYOUT).with_suffix("").parts
        target = ROOT / ("src/galen" if part == "module" else "tests") / name / Path(*rest)
        target = target.with_name(f"{name}.html") if target.suffix == ".html" else target
        made[target] = Template(file.read_text()).substitute(words)
    roles, matrix = ROOT / "src/galen/identity/roles.py", ROOT / "tests/matrix/who_may.csv"
    return made | {
        LAYERS: with_layer(LAYERS.read_text(), name, above),
        roles: with_permissions(roles.read_text(), thing, role),
        matrix: with_rows(matrix.read_text(), name, thing, role),
    }


def with_layer(text: str, name: str, above: str) -> str:
    """A layer of its own: right above the module it stands on, or right below the demo."""
    layer = next(f for f in layer_rows(LAYERS) if above in re.findall(r"\w+", f)) if above else "demo"
    line = f'    "{layer}",\n'
    return text.replace(line, f'    "{name}",\n{line}' if above else f'{line}    "{name}",\n', 1)


def with_permissions(text: str, thing: str, role: str) -> str:
    """Two permissions at the end of those that are no home pages, and both for one role."""
    said = thing.replace("_", " ")
    lines = f'    "{thing}.read": "See {said} rows",\n    "{thing}.write": "Add and close {said} rows",\n'
    text = text.replace('    "search.use"', lines + '    "search.use"', 1)
    return re.sub(rf'("{role}": f""".*?)(""")(?=,\n)', rf"\1\n            {thing}.*\2", text, count=1, flags=re.S)


def with_rows(text: str, name: str, thing: str, role: str) -> str:
    """What the new routes answer to each role, where the others' rows stand."""
    head, *rows = text.rstrip("\n").split("\n")
    shown = {f"GET /api/v1/{name}": "empty", f"POST /api/v1/{name}": "may"}
    shown[f"PUT /api/v1/{name}/{{{thing}_id}}/end"] = "unseen/unseen/unseen"
    for key, answer in shown.items():
        parts = answer.count("/") + 1
        told = {"anonymous": "sign in", role: answer.split("/")[0]}
        rows.append(",".join([key, *("/".join([told.get(column, "no")] * parts) for column in head.split(",")[1:])]))
    return "\n".join([head, *sorted(rows, key=lambda row: row.partition(",")[0])]) + "\n"


def write(files: dict[Path, str]) -> None:
    """All of them, or none: what cannot be finished is undone."""
    before = {file: file.read_text() if file.exists() else None for file in files}
    folders = sorted({folder for file in files for folder in file.parents if not folder.exists()}, reverse=True)
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    except OSError:
        for file, text_before in before.items():
            file.unlink(missing_ok=True) if text_before is None else file.write_text(text_before)
        for folder in folders:
            if folder.exists():
                folder.rmdir()
        raise
