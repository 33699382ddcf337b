"""Passwords: memory-hard hashes in a short queue, and the refusal of those that everybody tries first (ID-5)."""

import asyncio
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from galen.core.errors import Invalid, Refusal
from galen.i18n import gettext as _

T = TypeVar("T")
MINIMUM = 10
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's minimum for argon2id
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


class QueueFull(Refusal):
    status, retry_after = 429, 3
    message = "Too many people are signing in at this moment. Nothing was changed; please try again in a few seconds."


class HashQueue:
    """Who waits for a hash: not more than `most`, and `each` from one address. Everything else goes first."""

    def __init__(self, most: int, each: int) -> None:
        self.most, self.each = most, each
        self.begin()
        os.register_at_fork(after_in_child=self.begin)  # a child has none of its parent's threads

    def begin(self) -> None:
        self.waiting: Counter[str] = Counter()
        self.thread = ThreadPoolExecutor(1, "hash", initializer=give_way)

    def full(self, address: str) -> bool:
        return self.waiting.total() >= self.most or self.waiting[address] >= self.each

    async def run(self, work: Callable[[], T], address: str = "") -> T:
        if self.full(address):
            raise QueueFull
        self.waiting[address] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.thread, work)
        finally:
            self.waiting[address] -= 1
            self.waiting += Counter()  # forgets who no longer waits


def give_way() -> None:
    """On Linux a thread has a priority of its own: requests go before hashes."""
    if sys.platform == "linux":
        os.nice(10)


DOOR, HOUSE = HashQueue(most=40, each=20), HashQueue(most=100, each=100)
"""Nobody waits for strangers at the door who is in the house: signed in, or on a device that was."""

AHEAD: ContextVar[dict[tuple[str, str], str | bool] | None] = ContextVar("AHEAD", default=None)
"""What was hashed for this request before it took a connection to the database (service/ahead.py)."""


async def hashed(password: str, queue: HashQueue = HOUSE, address: str = "") -> str:
    known = AHEAD.get() or {}
    return str(known.pop(("", password), "") or await queue.run(lambda: HASHER.hash(password), address))


async def matches(stored: str, password: str, queue: HashQueue = HOUSE, address: str = "") -> bool:
    """Takes as long for an unknown account: pass `DUMMY` then."""
    known = (AHEAD.get() or {}).get((stored, password))
    return bool(await queue.run(lambda: is_hash_of(stored, password), address) if known is None else known)


def is_hash_of(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


DUMMY = f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${'A' * 22}${'A' * 43}"
"""No password has this hash, and to see that takes as long as for any other."""
