"""What a person is found by: folded names, how they sound, the letters they are made of."""

import re

from galen.values.search_key import search_key, sounds_like

RESPELT = (("qw", "qu"), ("kw", "qu"))  # Metaphone hears a W here and not there


def sound(name: str) -> str:
    """How a whole name sounds, its words run together: `van der Berg` is `Vanderberg`."""
    key = search_key(name).replace(" ", "")
    for written, heard in RESPELT:
        key = key.replace(written, heard)
    return sounds_like(key)


def letters(name: str) -> str:
    """The letters of a name, each once and in order: what two keys struck in the wrong order leave alike."""
    return "".join(sorted(set(search_key(name).replace(" ", ""))))


def readings(key: str) -> list[str]:
    """The parts of what was typed that may be a family or a given name: all of it, its ends, each word."""
    words = key.split()
    parts = [key, *words, " ".join(words[1:]), " ".join(words[:-1])]
    return [part for part in dict.fromkeys(parts) if part]


def after(prefix: str) -> str:
    """The first text that no longer begins with this prefix, in code-point order."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def digits(typed: str) -> str:
    return re.sub(r"\D", "", typed)
