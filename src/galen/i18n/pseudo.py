"""Two languages for tests. One brackets and lengthens whatever is marked, the other runs from right to left.

What stands on a page outside of brackets was never marked; what does not fit will not fit in German either.
"""

import re
from dataclasses import dataclass

KEPT = re.compile(r"%\(\w+\)s|%%|\{\w*\}|<[^>]*>|&\w+;")  # values, percent signs, elements
ACCENTS = str.maketrans("AaCcDdEeGgHhIiKkLlNnOoRrSsTtUuYyZz", "ÀåÇçĐðÉéĜĝĤĥÎîĶķĻļÑñÖöŔŕŠšŢţÛûÝýŽž")


@dataclass(frozen=True)
class Costume:
    """How every message is dressed, and whose dates and numbers it takes."""

    based_on: str
    opens: str
    closes: str
    longer: float = 0.0
    accents: bool = False

    def dress(self, message: str) -> str:
        """The message in brackets; what stands for values is left alone."""
        if not message.strip():
            return message
        plain = KEPT.sub("", message)
        spots, words = KEPT.findall(message), KEPT.split(message)
        if self.accents:
            words = [part.translate(ACCENTS) for part in words]
        dressed = "".join(part + spot for part, spot in zip(words, [*spots, ""], strict=True))
        more = " " + "~" * round(len(plain) * self.longer) if self.longer else ""
        return f"{self.opens}{dressed}{more}{self.closes}"


LANGUAGES = {
    "en-XA": Costume("en", "⟦", "⟧", 0.4, accents=True),
    "ar-XB": Costume("ar", "\u200f⟦", "⟧\u200f"),
}
