"""The knowledge that comes with Galen."""

import csv
import tomllib
from functools import cache
from hashlib import sha256
from importlib.resources import files

from .compiling import Files, compile_knowledge
from .index import Knowledge
from .persons import PersonFiles


@cache
def built_in() -> Knowledge:
    """Read once, on first use. The version carries a digest of every file, so it names exactly one content."""
    folder = files("galen.safety") / "knowledge"
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".csv")}
    catalogue = files("galen.medicines") / "catalogue"
    texts |= {name: (catalogue / name).read_text("utf-8") for name in ("ingredients.csv", "products.csv")}
    digest = sha256("\0".join(texts[name] for name in sorted(texts)).encode()).hexdigest()[:8]
    edition = tomllib.loads((folder / "edition.toml").read_text("utf-8"))["edition"]
    rows = {name: [*csv.DictReader(text.splitlines())] for name, text in texts.items()}
    said = Files(*(rows[f"{name}.csv"] for name in Files._fields))
    persons = PersonFiles(*(rows[f"{name}.csv"] for name in PersonFiles._fields))
    return compile_knowledge(f"galen-{edition}+{digest}", said, persons)
