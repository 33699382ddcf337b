"""A language as one person reads it: its messages, and the region by which dates and numbers are written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import c2py
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.messages.pofile import read_po

from . import pseudo

FOLDER = Path(__file__).parents[1] / "locale"
EUROPEAN = "(n != 1)"


class Language:
    """Compared by identity: there is one of each, so that what was formatted for it can be kept."""

    def __init__(self, tag: str, region: str) -> None:
        test = pseudo.LANGUAGES.get(tag)
        base = test.based_on if test else tag
        self.tag, self.region, self.test = tag, region, test
        self.locale = locale_of(base, region)
        self.direction = str(self.locale.text_direction)
        self.messages, self.plural = catalogue(base)
        self.markups: dict[Any, Any] = {}

    def text(self, message: str, context: str = "") -> str:
        """The translation of a message, or the message itself where there is none."""
        translated = self.messages.get((context, message) if context else message, message)
        text = translated if isinstance(translated, str) else translated[0]
        return self.test.dress(text) if self.test else text

    def number(self, singular: str, plural: str, count: int) -> str:
        """The form that this number asks for."""
        translated = self.messages.get(singular)
        forms = translated if isinstance(translated, tuple) else (singular, plural)
        text = forms[self.plural(count) if isinstance(translated, tuple) else count != 1]
        return self.test.dress(text) if self.test else text


@lru_cache
def catalogue(tag: str) -> tuple[dict[Any, Any], Callable[[int], int]]:
    """The messages of a language, read when the first person wants it; what is uncertain or empty stays English."""
    path = FOLDER / tag.replace("-", "_") / "galen.po"
    if not path.is_file():
        return {}, c2py(EUROPEAN)
    with path.open("rb") as file:
        read = read_po(file, locale=tag.replace("-", "_"))
    messages: dict[Any, Any] = {}
    for entry in read:
        translation = entry.string
        if entry.id and not entry.fuzzy and translation and (isinstance(translation, str) or all(translation)):
            name = entry.id if isinstance(entry.id, str) else entry.id[0]
            messages[(entry.context, name) if entry.context else name] = translation
    return messages, c2py(read.plural_expr)


def locale_of(tag: str, region: str) -> Locale:
    """Babel's locale for a language in a country, as near as there is one."""
    parts = Locale.parse(tag.replace("-", "_"))
    try:
        return Locale(parts.language, parts.territory or region or None, parts.script) if region else anywhere(parts)
    except UnknownLocaleError:
        return anywhere(parts)


def anywhere(locale: Locale) -> Locale:
    return Locale.parse("en_001") if str(locale) == "en" else locale


@lru_cache(256)
def language(tag: str = "en", region: str = "") -> Language:
    """The one object for a language in a country."""
    return Language(tag, region)


CURRENT: ContextVar[Language] = ContextVar("language", default=language())  # noqa: B039 never changed


def current() -> Language:
    """The language of whoever reads what is said now."""
    return CURRENT.get()


def speak(to: Language) -> None:
    """Say everything that follows in this request in a language."""
    CURRENT.set(to)


@contextmanager
def speaking(to: Language) -> Iterator[Language]:
    """A language for a while: for a letter to somebody who reads another one."""
    before = CURRENT.get()
    CURRENT.set(to)
    try:
        yield to
    finally:
        CURRENT.set(before)


def language_of(country: str) -> str:
    """The language spoken in a country by most: `MX` is `es`."""
    return str(get_global("likely_subtags").get(f"und_{country}", "")).partition("_")[0]
