"""When to order how much, from what is used, how long it takes to come and how much both vary. Values in, values out.

Periodic review with safety stock (Silver, Pyke, Thomas: Inventory and Production Management, 4th ed., ch. 6):
reorder point d·(L+R) + z·√((L+R)·σ_d² + d²·σ_L²); position = usable + on its way - what will end unused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from statistics import median
from typing import Any

from galen.i18n import gettext as _
from galen.i18n import ngettext
from galen.inventory import Usage
from galen.values.units import counted, plain

from .rules import NOTHING

TENTH, WHOLE = Decimal("0.1"), Decimal(1)
ASSUMED_DAYS = Decimal(3)
"""Where a supplier promises nothing and nothing has come from it yet."""
Z = {"90": "1.2816", "95": "1.6449", "97.5": "1.9600", "99": "2.3263", "99.5": "2.5758"}
"""One-sided quantiles of the normal distribution for the per cent of cycles that shall not run out."""
SEEN_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Lead:
    """How long a supplier takes, and how much that varies."""

    days: Decimal
    spread: Decimal = NOTHING
    seen: int = 0  # orders that it was seen on; none: as promised, or assumed
    promised: bool = False


def lead_of(of_product: Sequence[int], of_supplier: Sequence[int], promised: int | None) -> Lead:
    """As seen for this medicine, else for all of this supplier, else as promised, else assumed."""
    for seen in (of_product, of_supplier):
        if len(seen) >= SEEN_ENOUGH:
            days = Decimal(sum(seen)) / len(seen)
            square = sum(((Decimal(each) - days) ** 2 for each in seen), NOTHING)
            return Lead(days, (square / (len(seen) - 1)).sqrt(), len(seen))
    if promised is not None:
        return Lead(Decimal(promised), promised=True)
    if few := [*of_product, *of_supplier]:
        return Lead(Decimal(median(few)), seen=len(few))
    return Lead(ASSUMED_DAYS)


@dataclass(frozen=True, slots=True)
class OrderingPolicy:
    """How often is ordered, how long it shall last beyond that, and how seldom it may run out."""

    review_days: int = 7
    cover_days: int = 14
    service: Decimal = Decimal(95)

    @property
    def z(self) -> Decimal:
        return Decimal(Z[plain(self.service)])


@dataclass(frozen=True, slots=True)
class Need:
    """What is known of a medicine at a site, in units."""

    usage: Usage
    lead: Lead
    usable: Decimal
    coming: Decimal  # ordered, or sent by another site
    ending: Decimal  # usable today, and will end unused
    pack_size: Decimal
    minimum_packs: Decimal = WHOLE  # that the supplier sells
    fixed: tuple[Decimal, Decimal] | None = None  # least and most, as a person decided
    level: Decimal = NOTHING  # of the catalogue, where no use is known

    @property
    def position(self) -> Decimal:
        """What there will be for the days to come, without ordering."""
        return max(NOTHING, self.usable - self.ending) + self.coming


@dataclass(frozen=True, slots=True)
class Advice:
    """At how much to order, up to how much, and so how many packs now."""

    reorder_at: Decimal
    up_to: Decimal
    safety: Decimal
    packs: Decimal
    by: str  # "use", "fixed", "level", "nothing"
    raised: bool = False  # to the supplier's least quantity


def advise(need: Need, policy: OrderingPolicy) -> Advice:
    """Nothing while the position is above the reorder point; else whole packs up to the level, as many as are sold."""
    safety = NOTHING
    if need.fixed:
        (reorder_at, up_to), by = need.fixed, "fixed"
    elif need.usage.daily > 0:
        days, by = need.lead.days + policy.review_days, "use"
        varies = days * need.usage.spread**2 + need.usage.daily**2 * need.lead.spread**2
        safety = up(policy.z * varies.sqrt())
        reorder_at = up(need.usage.daily * days) + safety
        up_to = reorder_at + up(need.usage.daily * policy.cover_days)
    elif need.level > 0:
        reorder_at, up_to, by = need.level, 2 * need.level, "level"
    else:
        return Advice(NOTHING, NOTHING, NOTHING, NOTHING, "nothing")
    missing = up_to - need.position
    if need.position > reorder_at or missing <= 0:
        return Advice(reorder_at, up_to, safety, NOTHING, by)
    packs = up(missing / need.pack_size)
    return Advice(reorder_at, up_to, safety, max(packs, need.minimum_packs), by, packs < need.minimum_packs)


def up(value: Decimal) -> Decimal:
    """To whole units, never fewer."""
    return value.quantize(WHOLE, ROUND_CEILING)


def basis_of(need: Need, advice: Advice, policy: OrderingPolicy) -> dict[str, Any]:
    """The figures behind an advice as they are kept with the order: texts, so that none of them is rounded."""
    return {
        "by": advice.by, "daily": plain(need.usage.daily.quantize(TENTH)), "days": need.usage.days,
        "without": need.usage.without, "lead": plain(need.lead.days.quantize(TENTH)), "seen": need.lead.seen,
        "promised": need.lead.promised, "review": policy.review_days, "cover": policy.cover_days,
        "safety": plain(advice.safety), "reorder_at": plain(advice.reorder_at), "up_to": plain(advice.up_to),
        "usable": plain(need.usable), "coming": plain(need.coming), "ending": plain(need.ending),
        "packs": plain(advice.packs), "raised": advice.raised, "pack_size": plain(need.pack_size),
    }  # fmt: skip


def reason_words(basis: Mapping[str, Any], unit: str) -> str:
    """The arithmetic as a person would say it."""
    sentences = [*levels_words(basis, unit)]
    there = _("There are %(usable)s", usable=counted(Decimal(basis["usable"]), unit))
    if Decimal(basis["coming"]):
        there += _(", %(coming)s are on their way", coming=plain(Decimal(basis["coming"])))
    if Decimal(basis["ending"]):
        there += _(", %(ending)s will end unused", ending=plain(Decimal(basis["ending"])))
    sentences.append(there + ".")
    packs = Decimal(basis["packs"])
    if packs:
        sentences.append(
            ngettext(
                "Up to %(up_to)s: %(num)s pack of %(size)s.", "Up to %(up_to)s: %(num)s packs of %(size)s.", int(packs),
                up_to=basis["up_to"], size=basis["pack_size"],
            )
        )  # fmt: skip
    if basis["raised"]:
        sentences.append(_("That is the supplier's least quantity."))
    return " ".join(sentences)


def levels_words(basis: Mapping[str, Any], unit: str) -> list[str]:
    """Where the reorder point comes from."""
    at = counted(Decimal(basis["reorder_at"]), unit)
    if basis["by"] == "fixed":
        return [_("Order at %(at)s, as somebody decided.", at=at)]
    if basis["by"] == "level":
        return [_("No use is known yet. Order at %(at)s, the level of the catalogue.", at=at)]
    if basis["by"] == "nothing":
        return [_("No use is known yet, and no level is set.")]
    used = ngettext(
        "%(daily)s are used a day, as seen on %(num)s day.", "%(daily)s are used a day, as seen on %(num)s days.",
        basis["days"], daily=basis["daily"],
    )  # fmt: skip
    left_out = ngettext(
        "%(num)s day without stock is left out.", "%(num)s days without stock are left out.", basis["without"]
    )
    point = _(
        "%(lead)s days to deliver and %(review)s until the next list, with %(safety)s to spare: order at %(at)s.",
        lead=basis["lead"], review=basis["review"], safety=basis["safety"], at=at,
    )  # fmt: skip
    return [used, *([left_out] if basis["without"] else []), lead_words(basis), point]


def lead_words(basis: Mapping[str, Any]) -> str:
    """Whence the days are known."""
    if basis["promised"]:
        return _("The supplier promises %(lead)s days.", lead=basis["lead"])
    if basis["seen"]:
        return ngettext(
            "The last delivery took %(lead)s days.", "The last %(num)s deliveries took %(lead)s days.", basis["seen"],
            lead=basis["lead"],
        )  # fmt: skip
    return _("How long the supplier takes is not known: %(lead)s days are assumed.", lead=basis["lead"])
