"""Passwords: memory-hard hashes, and the refusal of those that everybody tries first (ID-5)."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from galen.core.errors import Invalid

MINIMUM = 10
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's minimum for argon2id
BENCH = asyncio.Semaphore(2)
COMMON = frozenset(
    ["password", "password1", "password12", "password123", "passw0rd123", "qwertyuiop", "qwerty12345", "1234567890", "12345678910", "iloveyou123", "letmein1234", "welcome123", "welcome1234", "admin12345", "administrator", "changeme123", "football123", "baseball123", "sunshine123", "princess123", "monkey12345", "dragon12345", "superman123", "batman12345", "trustno1234", "abc1234567", "aaaaaaaaaa", "1111111111", "0000000000", "0987654321", "q1w2e3r4t5", "1q2w3e4r5t", "asdfghjkl1", "zxcvbnm123", "liverpool123", "michael123", "jennifer123", "hospital123", "pharmacy123", "medicine123", "clinic12345", "doctor12345", "nurse123456", "galen12345", "secret12345", "p@ssword123", "p@ssw0rd123", "australia123", "melbourne123", "sydney12345", "newyork1234", "summer12345", "winter12345", "spring12345", "autumn12345", "computer123", "internet123", "whatever123"]
)


def refuse_weak(password: str, *own_words: str, field: str = "password") -> None:
    """At least ten characters, not one of the first thousand guesses, not made of the person's own name."""
    if len(password) < MINIMUM:
        raise Invalid(field, f"Please use at least {MINIMUM} characters; a short sentence is easy to keep in mind.")
    plain = password.casefold()
    if plain in COMMON or len(set(plain)) < 5:
        raise Invalid(field, "This password is among the first that attackers try. Please choose another.")
    for word in own_words:
        if len(word) >= 4 and word.casefold() in plain and len(plain) < len(word) + 6:
            raise Invalid(field, "Please choose a password that is not made of your own name.")


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
