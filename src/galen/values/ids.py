"""Identities: made here rather than in the database."""

import os
import time
from datetime import datetime
from uuid import UUID


def uuid7() -> UUID:
    """A time-ordered identity (RFC 9562): index-friendly, not guessable, made here rather than in the database."""
    stamp = int.from_bytes(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10), "big")
    stamp = stamp & ~(0xF << 76) | (7 << 76)
    return UUID(int=stamp & ~(3 << 62) | (2 << 62))


def first_id(at: datetime) -> UUID:
    """The least that is made at a moment: what lies before it is older."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
