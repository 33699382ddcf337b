"""Guessing made slow, without a weapon against the owner (ID-1): a name is counted by device and by network.

Five wrong tries shut out the device, or the network, that made them. Where somebody has signed in to this account
before, nobody elsewhere uses up their tries. A name that nobody has is counted in the same way, so the answers are
equal.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Any

from sqlalchemy import func, or_, select

from galen.core.context import Context
from galen.core.errors import Refusal
from galen.core.visibility import bypass_visibility
from galen.values.ids import first_id

from ..events import TriesUsed
from ..models import Account, Attempt

FAILURES, LOCK = 5, timedelta(minutes=30)
FROM_ELSEWHERE = 50  # wrong tries at one name from all places together that have never signed in to it
PER_MINUTE = 20
KNOWN_FOR = timedelta(days=90)
NOBODY_YET = "nobody has signed in yet: a password, a token or a link says whose account it is"

ASKED = """
WITH known AS (
  SELECT a.id, a.password,
    EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.known_by = $2) AS device,
    EXISTS (SELECT FROM session s WHERE s.account_id = a.id AND s.origin = $4 AND s.started > $5) AS network
  FROM account a WHERE (a.username = $1 OR a.email = $1) AND a.active ORDER BY a.id LIMIT 1
)
SELECT (SELECT password FROM known) AS password,
  coalesce((SELECT device FROM known), false) AS device,
  coalesce((SELECT network FROM known), false) AS network,
  count(*) FILTER (WHERE username = $3 AND origin = $6) AS by_device,
  count(*) FILTER (WHERE username = $3 AND origin = $7) AS here,
  count(*) FILTER (WHERE username = $3) AS everywhere,
  count(*) FILTER (WHERE origin = $7 AND at > $9) AS this_minute
FROM attempt WHERE (username = $3 OR origin = $7) AND at > $8
"""


class TriesUsedUp(Refusal):
    status, retry_after = 429, int(LOCK.total_seconds())
    message = (
        "There were too many wrong tries from here. Wait half an hour, ask for a link to choose a new password, "
        "or ask an administrator to unlock the account."
    )


class TooManyTries(Refusal):
    status, retry_after, message = 429, 60, "Too many tries from here. Please wait a minute."


def mark_of(name: str, purpose: str = "") -> bytes:
    """By which a name is counted, whether or not somebody has it."""
    return sha256(f"{purpose}{name.casefold()}".encode()).digest()


def network_of(origin: str) -> str:
    """One household or office: an address of IPv4, the first half of one of IPv6."""
    try:
        address = ip_address(origin)
    except ValueError:
        return origin
    return f"{IPv6Address(int(address) >> 64 << 64)}/64" if isinstance(address, IPv6Address) else origin


@dataclass(frozen=True)
class Budget:
    """What is known of a name, and of the tries at it, at this moment."""

    password: str
    place: str  # to which the next wrong try is counted
    is_device: bool
    used: int

    @property
    def last(self) -> bool:
        """Whether the next wrong try is the last one."""
        return self.used == FAILURES - 1


async def budget_for(raw: Any, now: Any, name: str, origin: str, device: bytes | None) -> Budget:
    """How often this name may still be tried from here; refuses when it may not."""
    network, by_device = network_of(origin), f"device {device.hex()[:32]}" if device else ""
    since = now - KNOWN_FOR, by_device, network, now - LOCK, now - timedelta(minutes=1)
    row = await raw.fetchrow(ASKED, name.casefold(), device, mark_of(name), origin, *since)
    used = row["by_device"] if row["device"] else row["here"]
    if used >= FAILURES:
        raise TriesUsedUp
    if not row["device"] and not row["network"]:
        if row["everywhere"] >= FROM_ELSEWHERE:
            raise TriesUsedUp
        if row["this_minute"] >= PER_MINUTE:
            raise TooManyTries
    return Budget(row["password"] or "", by_device if row["device"] else network, row["device"], used)


async def one_at_a_time(ctx: Context, mark: bytes) -> None:
    """Tries at one name are counted one after another, however many come at once."""
    await ctx.raw.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{ctx.organization.slug} {mark.hex()}"
    )


def count_try(ctx: Context, mark: bytes, place: str) -> None:
    ctx.add(Attempt(at=ctx.now, username=mark, origin=place))


def count_wrong(ctx: Context, mark: bytes, budget: Budget) -> None:
    """One more; the last one is shown to administrators."""
    count_try(ctx, mark, budget.place)
    if budget.last:
        ctx.emit(TriesUsed(mark.hex()))


async def slow_down(ctx: Context, mark: bytes) -> None:
    """At most so many links a minute, asked for from one network or for one address."""
    since = ctx.now - timedelta(minutes=1)
    here = or_(Attempt.origin == network_of(ctx.origin), Attempt.username == mark)
    tried = select(func.count()).where(Attempt.at > since, here)
    if (await ctx.db.scalar(bypass_visibility(tried, NOBODY_YET)) or 0) >= PER_MINUTE:
        raise TooManyTries
    count_try(ctx, mark, network_of(ctx.origin))


async def refuse_used_up(ctx: Context, mark: bytes) -> None:
    """Somebody who is signed in has as many tries at their own password, each session its own."""
    await one_at_a_time(ctx, mark)
    tried = select(func.count()).where(Attempt.username == mark, Attempt.at > ctx.now - LOCK)
    if (await ctx.db.scalar(bypass_visibility(tried, NOBODY_YET)) or 0) >= FAILURES:
        raise TriesUsedUp


async def forget(ctx: Context, mark: bytes, place: str = "") -> None:
    """A right password begins the count afresh, for where it was written."""
    await ctx.raw.execute("DELETE FROM attempt WHERE username = $1 AND ($2 = '' OR origin = $2)", mark, place)


async def lift_lock(ctx: Context, account: Account) -> None:
    """Whoever was shut out of this account may try again."""
    for name in filter(None, (account.username, account.email)):
        await forget(ctx, mark_of(name))
    account.locked_until = None


async def show_lock(ctx: Context, mark: bytes) -> None:
    """The account of this mark, where there is one, is shown as locked to somebody."""
    same = [func.sha256(func.convert_to(name, "UTF8")) == mark for name in (Account.username, Account.email)]
    account = await ctx.db.scalar(select(Account).where(or_(*same), Account.active).with_for_update())
    if account:
        account.locked_until = ctx.now + LOCK


async def forget_tries(ctx: Context) -> None:
    """What is older than a day, and answers kept for requests that nobody sends again, in bounded batches."""
    await ctx.raw.execute(OLD_TRIES, ctx.now - timedelta(days=1), BATCH)
    await ctx.raw.execute(OLD_ANSWERS, first_id(ctx.now - KEPT), BATCH)


BATCH, KEPT = 10_000, timedelta(days=3)
OLD_ANSWERS = (
    "DELETE FROM idempotency_key WHERE id IN (SELECT id FROM idempotency_key WHERE id < $1 ORDER BY id LIMIT $2)"
)
OLD_TRIES = "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE at < $1 ORDER BY at LIMIT $2)"
