"""FHIR in XML. Whether an element may repeat stands in no file, so one that stands alone reads as itself."""

from typing import Any
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser

from .elements import Unreadable
from .limits import DEEP, refuse_many

FHIR, XHTML = "{http://hl7.org/fhir}", "{http://www.w3.org/1999/xhtml}"


class BoundedTree(TreeBuilder):
    """Builds no tree that is deeper than FHIR goes."""

    depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Any:
        self.depth += 1
        if self.depth > 2 * DEEP:
            raise Unreadable("", "its XML is nested too deeply")
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Any:
        self.depth -= 1
        return super().end(tag)


def from_xml(text: str) -> dict[str, Any]:
    """A resource as an object. A document type is refused: entities could make a small file a large one."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("", "its XML declares a document type, which FHIR does not allow")
    refuse_many(text, "<", "")
    try:
        parser = XMLParser(target=BoundedTree())  # noqa: S314 without a document type there are no entities
        parser.feed(text)
        root = parser.close()
    except (ParseError, ValueError) as error:
        line = f" (line {error.position[0]})" if isinstance(error, ParseError) else ""
        raise Unreadable("", f"this is not XML{line}") from None
    return resource(root)


def resource(node: Node) -> dict[str, Any]:
    if not node.tag.startswith(FHIR):
        raise Unreadable("resourceType", "names no type of FHIR resource")
    return {"resourceType": node.tag.removeprefix(FHIR), **whole(node)}


def whole(node: Node) -> dict[str, Any]:
    """An element with its parts; what repeats becomes a list. Narrative is left out: it stands in the text itself."""
    found: dict[str, Any] = {"url": node.attrib["url"]} if "url" in node.attrib else {}
    for part in node:
        name = part.tag.removeprefix(FHIR)
        if part.tag.startswith(XHTML):
            continue
        for key, value in ((name, read(part)), (f"_{name}", beside(part))):
            if value is not None:
                found[key] = [*as_list(found[key]), value] if key in found else value
    return found


def read(node: Node) -> Any:
    """A value, a resource inside a resource, or an element with parts."""
    if "value" in node.attrib:
        return node.attrib["value"]
    if len(node) == 1 and node[0].tag.removeprefix(FHIR)[:1].isupper():
        return resource(node[0])
    return whole(node) or None


def beside(node: Node) -> dict[str, Any] | None:
    """What is said about a value besides the value, as JSON keeps it under `_name`."""
    return whole(node) if "value" in node.attrib and len(node) else None


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
