"""Which rules speak when two ingredients meet: found by the sides that each stands on, so nothing is expanded."""

from collections.abc import Iterable, Mapping

from galen.i18n import N_

from .words import RANK, Imported, Rule, RuleKind, Severity

NOTHING: Mapping[str, tuple[Rule, ...]] = {}


class Pairs:
    """Rules with two sides. For each ingredient one number per side, with a bit for each rule that names it there.

    The bits stand in the order in which rules speak: what settles a matter first, then the worst.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        two = (rule for rule in rules if len(rule.sides) == 2)
        self.rules = sorted(two, key=lambda rule: (not rule.settles, RANK[rule.severity]))
        self._left: dict[str, int] = {}
        self._right: dict[str, int] = {}
        for place, rule in enumerate(self.rules):
            for index, side in zip((self._left, self._right), rule.sides, strict=True):
                for name in side:
                    index[name] = index.get(name, 0) | 1 << place

    def between(self, a: str, b: str) -> list[Rule]:
        """One rule for each harm, the worst first."""
        if a == b:
            return []
        left, right = self._left.get, self._right.get
        bits = left(a, 0) & right(b, 0) | left(b, 0) & right(a, 0)
        if not bits:
            return []
        found: dict[str, Rule] = {}
        while bits:
            low = bits & -bits
            rule = self.rules[low.bit_length() - 1]
            found.setdefault(rule.harm, rule)
            bits ^= low
        return sorted(found.values(), key=lambda rule: RANK[rule.severity]) if len(found) > 1 else [*found.values()]


Tables = Mapping[str, Mapping[str, tuple[Rule, ...]]]


def tables(pairs: Iterable[Imported]) -> Tables:
    """Imported pairs by their lesser and then their greater name; rows that say the same share one rule."""
    rules: dict[tuple[str, ...], Rule] = {}
    index: dict[str, dict[str, tuple[Rule, ...]]] = {}
    for a, b, severity, source, mechanism, effect, management in pairs:
        said = (source, severity, mechanism, effect, management)
        rule = rules.get(said)
        if rule is None:
            rule = rules[said] = _rule(severity, source, mechanism, effect, management)
        first, second = (a, b) if a <= b else (b, a)
        under = index.setdefault(first, {})
        under[second] = (*under[second], rule) if second in under else (rule,)
    return index


LISTED = {
    Severity.CONTRAINDICATED: N_("%(source)s lists this pair as contraindicated, without a mechanism."),
    Severity.MAJOR: N_("%(source)s lists this pair as major, without a mechanism."),
    Severity.MODERATE: N_("%(source)s lists this pair as moderate, without a mechanism."),
    Severity.MINOR: N_("%(source)s lists this pair as minor, without a mechanism."),
    Severity.UNKNOWN: N_("%(source)s lists this pair as an ungraded interaction, without a mechanism."),
}
EFFECT = N_("An interaction whose effect the source does not state.")
MANAGEMENT = N_("Look the pair up before going on, and monitor.")


def _rule(severity: Severity, source: str, mechanism: str, effect: str, management: str) -> Rule:
    return Rule(
        id=f"imported-{source.lower().replace(' ', '-')}",
        kind=RuleKind.INTERACTION,
        severity=severity,
        sides=(),
        mechanism=_plain(mechanism) or LISTED[severity],
        effect=_plain(effect) or EFFECT,
        management=_plain(management) or MANAGEMENT,
        source=source,
        harm="imported",
        values={"source": source},
    )


def _plain(text: str) -> str:
    """A text of another source as a message that names no values."""
    return text.replace("%", "%%")
