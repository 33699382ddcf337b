"""Passwords: memory-hard hashes, and the refusal of those that everybody tries first (ID-5)."""

import asyncio
import re
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from galen.core.errors import Invalid
from galen.i18n import gettext as _

MINIMUM = 10
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's minimum for argon2id
BENCH = asyncio.Semaphore(2)
FIRST_GUESSES = frozenset((Path(__file__).parent / "data" / "first_guesses.txt").read_text().split())
LEET = str.maketrans("013457@$!", "oleastasi")


def is_common(password: str) -> bool:
    """A first guess, or one in disguise: `P@ssw0rd2026!` is `password`."""
    plain = password.casefold()
    disguised = re.sub(r"[^a-z]", "", re.sub(r"[\d\W_]+$", "", plain).translate(LEET))
    bare = re.sub(r"[^a-z]", "", plain)
    twice = bare[: len(bare) // 2] if bare[: len(bare) // 2] * 2 == bare else bare
    return len(set(plain)) < 5 or not {plain, bare, twice, disguised}.isdisjoint(FIRST_GUESSES)


def refuse_weak(password: str, *own_words: str, field: str = "password") -> None:
    """At least ten characters, not among the first guesses, not made of the person's own name."""
    if len(password) < MINIMUM:
        message = _(
            "Please use at least %(count)s characters; a short sentence is easy to keep in mind.", count=MINIMUM
        )
        raise Invalid(field, message)
    if is_common(password):
        raise Invalid(field, _("This password is among the first that attackers try. Please choose another."))
    plain = password.casefold()
    for word in {part for words in own_words for part in re.split(r"[^\w]+", words.casefold()) if len(part) >= 3}:
        plain = plain.replace(word, "")
    if len(plain) < min(7, len(password)) and plain != password.casefold():
        raise Invalid(field, _("Please choose a password that is not made of your own name."))


async def hashed(password: str) -> str:
    async with BENCH:
        return await asyncio.to_thread(HASHER.hash, password)


async def matches(stored: str, password: str) -> bool:
    """Takes as long for an unknown account: pass `DUMMY` then."""
    async with BENCH:
        try:
            return await asyncio.to_thread(HASHER.verify, stored, password)
        except (VerificationError, InvalidHashError):
            return False


DUMMY = HASHER.hash("no account has this password")
