"""From files to resources: JSON, NDJSON and XML, zipped or not; bundles and single resources. One file at a time."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from .elements import Element, Unreadable
from .limits import BATCH, DAMAGED, ENTRIES, EXPONENTS, FAULTS, lines_of, opened, read_whole, refuse_deep, refuse_many
from .xml import from_xml

READ = (".json", ".json.gz", ".ndjson", ".ndjson.gz")
XML = (".xml", ".xml.gz")
LINES = 500  # of an NDJSON file, in one transaction
MARK = "\ue000"  # a private sign before each decimal: JSON's own floats would lose trailing zeros
EXPONENT = re.compile(r'"\\ue000-?[0-9.]+[eE]([+-]?[0-9]{1,12})[0-9]*"')
MARKED = re.compile(r'"\\ue000(-?[0-9][0-9.eE+-]*)"')


@dataclass
class Came:
    """One resource as it came; `url` is how the others of its bundle call it."""

    kind: str
    id: str
    body: dict[str, Any]
    url: str = ""
    digest: str = ""
    content: str = ""
    loose: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.id

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def element(self) -> Element:
        return Element(self.body, loose=self.loose)


@dataclass
class ResourceBatch:
    """Resources that are imported together; those of a bundle call each other by `fullUrl`."""

    file: str
    resources: list[Came] = field(default_factory=list)
    bundle: bool = False
    unread: list[Unreadable] = field(default_factory=list)

    def take(self, body: Any, where: str, url: str = "") -> None:
        """One that is no resource does not keep the others out."""
        try:
            self.resources.append(came(body, where, url))
        except Unreadable as error:
            self.unread.append(error)


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from (f for f in sorted(path.rglob("*")) if f.is_file() and f.name.lower().endswith((*READ, *XML)))
        else:
            yield path


def batches(path: Path) -> Iterator[ResourceBatch]:
    """What a file holds. A file that cannot be read is refused with one sentence."""
    name = path.name.lower()
    if not name.endswith((*READ, *XML)):
        raise Unreadable("", f"not a FHIR file: its name should end in {', '.join((*READ, *XML))}")
    called = path.name.encode("utf-8", "replace").decode()
    try:
        with opened(path) as file:
            if ".ndjson" in name:
                yield from by_lines(called, lines_of(file, path.stat().st_size))
            elif name.endswith(XML):
                yield of_xml(called, read_whole(file))
            else:
                yield whole(called, parsed(read_whole(file)))
    except UnicodeDecodeError:
        raise Unreadable("", "not readable: its text is not UTF-8") from None
    except DAMAGED as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else "it is damaged or may not be read"
        raise Unreadable("", f"not readable: {why}") from None


def by_lines(file: str, lines: Iterable[tuple[int, str]]) -> Iterator[ResourceBatch]:
    batch, size, faults = ResourceBatch(file), 0, 0
    for number, line in lines:
        size += len(line)
        if line.strip():
            try:
                batch.take(parsed(line, f"line {number}"), f"line {number}")
            except Unreadable as error:
                batch.unread.append(error)
        if len(batch.resources) == LINES or len(batch.unread) == LINES or size > BATCH:
            faults += len(batch.unread)
            yield batch
            if faults >= FAULTS:
                raise Unreadable(f"line {number}", f"{faults:,} lines cannot be read: the rest of this file was left")
            batch, size = ResourceBatch(file), 0
    yield batch


def parsed(text: str, where: str = "") -> Any:
    refuse_many(text, "[{,", where)
    try:
        return json.loads(text, parse_float=lambda number: MARK + number, parse_constant=unwanted)
    except ValueError as error:
        at = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(where, f"this is not JSON{at}") from None
    except RecursionError:
        raise Unreadable(where, "its JSON is nested too deeply") from None


def refuse_numbers(content: str, where: str) -> None:
    """A number with an exponent such as 1e999999999 is small to write and too large to keep."""
    for number in EXPONENT.findall(content):
        if abs(int(number)) > EXPONENTS:
            raise Unreadable(where, "holds a number that is too large, or too small, to be kept")


def unwanted(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def whole(file: str, body: Any) -> ResourceBatch:
    """A bundle with its entries, or one resource."""
    if not isinstance(body, dict) or body.get("resourceType") != "Bundle":
        return ResourceBatch(file, [came(body, "")])
    entries = refuse_crowds(Element(body).many("entry"))
    batch = ResourceBatch(file, bundle=True)
    for entry in entries:
        if "resource" in entry.body:
            batch.take(entry.body["resource"], entry.at("resource"), entry.text("fullUrl"))
    return batch


def refuse_crowds(entries: list[Element]) -> list[Element]:
    if len(entries) > ENTRIES:
        raise Unreadable(
            "entry", f"holds {len(entries):,} resources, and {ENTRIES:,} is the most: send it in several files"
        )
    return entries


def of_xml(file: str, text: str) -> ResourceBatch:
    """A resource in XML is kept as its own text; a bundle's resources as what was read of them."""
    body = from_xml(text)
    if body["resourceType"] == "Bundle":
        batch = ResourceBatch(file, bundle=True)
        for entry in refuse_crowds(Element(body, loose=True).many("entry")):
            batch.take(entry.body.get("resource"), entry.at("resource"), entry.text("fullUrl"))
    else:
        batch = ResourceBatch(file)
        batch.take(body, "")
    for resource in batch.resources:
        own_text = resource.body if batch.bundle else text
        resource.loose = True
        resource.content = as_text({"resourceType": resource.kind, "id": resource.id, "xml": own_text})
    return batch


def read_back(content: str) -> Element:
    """A kept resource, as it was read when it came."""
    body = parsed(content)
    xml = body.get("xml")
    return Element(body) if xml is None else Element(xml if isinstance(xml, dict) else from_xml(xml), loose=True)


def came(body: Any, where: str, url: str = "") -> Came:
    kind = body.get("resourceType") if isinstance(body, dict) else None
    if not isinstance(kind, str) or not re.fullmatch("[A-Z][A-Za-z]{1,60}", kind):
        raise Unreadable(".".join(filter(None, (where, "resourceType"))), "names no type of FHIR resource")
    refuse_deep(body, where)
    plain = json.dumps(body, sort_keys=True, separators=(",", ":"))
    refuse_numbers(plain, where)
    content = MARKED.sub(r"\1", plain)
    digest = sha256(content.encode()).hexdigest()
    id = body.get("id")
    if id is not None and not isinstance(id, str):
        raise Unreadable(".".join(filter(None, (where, "id"))), "should be text")
    return Came(kind, id or url.removeprefix("urn:uuid:") or digest[:32], body, url, digest, content)


def as_text(body: Any) -> str:
    """Compact JSON with its keys in order and its numbers digit for digit."""
    return MARKED.sub(r"\1", json.dumps(body, sort_keys=True, separators=(",", ":")))
