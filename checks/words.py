"""Words outside of messages: raw letters in a template, and messages that are put together from pieces."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

SOURCE = Path(__file__).parents[1] / "src" / "galen"
SPOKEN = ("title", "placeholder", "aria-label", "alt", "data-confirm", "hx-confirm")
DATA = re.compile(r"Galen|Ctrl|Enter|Esc|ICD-10-CM|\bmm\b|\bmin\b|bin/galen audit verify|/live\S*|\ufffc")
CALLS = {"_", "gettext", "ngettext", "pgettext"}
CSS = re.compile(
    r"(?<![\w-])(margin|padding|border)-(left|right)\b|(?<=[{; ])(left|right):|(text-align|float): (left|right)"
)


class Letters(HTMLParser):
    """The letters of a template's own text and of the attributes that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.keep(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN and value:
                self.keep(value)

    def keep(self, text: str) -> None:
        text = " ".join(text.split())
        if re.search(r"[^\W\d_]{2,}", DATA.sub("", text)):
            self.found.append(text)


def raw(text: str) -> list[str]:
    """What a template says without marking it; what Jinja fills in is one sign here."""
    trans = re.sub(r"{%-? *trans\b.*?{%-? *endtrans *-?%}", "\ufffc", text, flags=re.S)
    plain = re.sub(r"{#.*?#}|{%-? *set \w+ *-?%}.*?{%-? *endset *-?%}|{%.*?%}", "", trans, flags=re.S)
    letters = Letters()
    letters.feed(re.sub(r"{{.*?}}", "\ufffc", re.sub(r"(</?){{.*?}}", r"\1x", plain, flags=re.S), flags=re.S))
    return letters.found


def pieces(text: str) -> Iterator[str]:
    """Messages that are no constants: they could not be translated, and would be trusted as they are."""
    words = Environment(extensions=["jinja2.ext.do"], autoescape=True)  # parsed, never drawn
    tree = words.parse(re.sub(r"{%-? *(trans|pluralize|endtrans)\b.*?%}", "", text, flags=re.S))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in CALLS:
            wanted = call.args[: 2 if call.node.name != "_" and call.node.name != "gettext" else 1]
            if not all(isinstance(argument, nodes.Const) for argument in wanted):
                yield f"line {call.lineno}: a message is one constant sentence, values go in by name"


def main() -> None:
    assert raw('<p>Hello there</p><b title="Big word">{{ _("x") }}</b>') == ["Hello there", "Big word"]
    assert raw("<p>{{ _('Hello') }} · {% trans %}Hello{% endtrans %}</p>") == []
    assert list(pieces('{{ _("a" ~ b) }}')) and not list(pieces('{{ _("a %(b)s", b=b) }}'))
    assert CSS.search("a { margin-left: 1rem; }") and not CSS.search("a { margin-inline-start: 1rem; }")
    found: list[str] = []
    for file in sorted(SOURCE.glob("*/templates/**/*.html")):
        path, text = str(file.relative_to(SOURCE)), file.read_text()
        found += [f"src/galen/{path}: {line}" for line in pieces(text)]
        found += [f"src/galen/{path}: not marked for translation: {words!r}" for words in raw(text)]
    for sheet in ("galen.css", "frame.css"):
        for number, line in enumerate((SOURCE / "core/static" / sheet).read_text().splitlines(), 1):
            if CSS.search(line):
                found.append(f"src/galen/core/static/{sheet}:{number}: say start and end, not left and right")
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
