"""docs/accuracy.md: every measurement writes its own part, under its own heading, and leaves the others as they are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "accuracy.md"


def put(part: str) -> None:
    """Put a part in the place of the one with the same heading, or at the end."""
    heading = part.split("\n", 1)[0]
    parts = [
        old.strip() + "\n" for old in re.split(r"^(?=# )", PAGE.read_text(encoding="utf-8"), flags=re.M) if old.strip()
    ]
    headings = [old.split("\n", 1)[0] for old in parts]
    at = headings.index(heading) if heading in headings else len(parts)
    PAGE.write_text("\n".join([*parts[:at], part.strip() + "\n", *parts[at + 1 :]]), encoding="utf-8")
