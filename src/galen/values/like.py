"""Patterns for LIKE: in what people type, percent signs, underscores and backslashes are themselves."""

SIGNS = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def exactly(text: str) -> str:
    """A pattern that fits this text and no other; PostgreSQL escapes with a backslash."""
    return text.translate(SIGNS)


def beginning(text: str) -> str:
    """What begins with this text."""
    return f"{exactly(text)}%"


def within(text: str) -> str:
    """What this text stands anywhere in."""
    return f"%{exactly(text)}%"
