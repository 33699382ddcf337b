"""The text of a note: its parts, what is put into them, and the words that a template leaves to the chart.

A line of its own that ends in a colon is the heading of a part: “Plan:”.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from galen.i18n import N_

HEADING = re.compile(r"[^\W\d_][^:]{0,39}:")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
BLANK = "___"
PLACEHOLDERS = {
    "patient": N_("the patient’s name"),
    "age": N_("the age"),
    "today": N_("today’s date"),
    "vitals": N_("what was measured last in this visit"),
    "diagnoses": N_("the diagnoses of this visit"),
    "allergies": N_("the allergies"),
    "medicines": N_("the current medicines"),
    "doctor": N_("your name"),
}


class NotePart(NamedTuple):
    """A heading, nothing before the first one, and the lines below it."""

    heading: str
    body: str

    @property
    def text(self) -> str:
        return "\n".join(filter(None, (self.heading, self.body)))


def parts(text: str) -> list[NotePart]:
    """A note in its parts, as it was typed."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if HEADING.fullmatch(line.strip()):
            found.append((line.strip(), []))
        else:
            found[-1][1].append(line.rstrip())
    return [NotePart(heading, "\n".join(lines).strip("\n")) for heading, lines in found]


def merged(note: str, added: str) -> str:
    """The note with something put in: below the same heading where there is one, else at the end. Nothing is lost.

    What stands there already is not written twice.
    """
    written, more = parts(note), parts(added)
    for part in more:
        names = [name_of(old) for old in written]
        if not part.heading and not part.body:
            continue
        if not part.heading and len(more) == 1:
            at = len(written) - 1
        elif name_of(part) in names:
            at = names.index(name_of(part))
        else:
            written.append(part)
            continue
        if not holds(written[at].body, part.body):
            body = "\n".join(filter(None, (written[at].body, part.body)))
            written[at] = NotePart(written[at].heading, body)
    return "\n\n".join(part.text for part in written if part.text)


def name_of(part: NotePart) -> str:
    return part.heading.rstrip(":").strip().casefold()


def holds(body: str, added: str) -> bool:
    """Whether these lines stand there, as they are."""
    return f"\n{added}\n" in f"\n{body}\n"


def unknown_placeholders(text: str) -> list[str]:
    """What is written as a placeholder and is none, in order and once."""
    return [name for name in dict.fromkeys(PLACEHOLDER.findall(text)) if name not in PLACEHOLDERS]


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template's text with the words of this chart in it, in one pass: a value is never read as a placeholder."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
