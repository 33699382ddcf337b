"""Names of people from FHIR: parts where they are given, else taken apart from the words; titles and particles told."""

from typing import Any

from .elements import Element, Unreadable

CALLED = ("nickname", "usual")
TITLES = frozenset(
    """
    mr mrs ms mx miss mister master dr doctor prof professor sir dame lady lord rev reverend fr father sister br rabbi
    imam herr frau hr fr sr sra srta señor señora don doña mme mlle m monsieur madame hon
    """.split()
)
BEHIND = frozenset("jr jnr junior sr snr senior ii iii iv v phd md ao am oam obe mbe esq do rn dds".split())
PARTICLES = frozenset(
    """
    van von vom zu zum zur de del della dela der den des di do dos da das du la las le les lo los ten ter te 't al el
    bin ibn bint ben abu ap ab st saint san santa mac
    """.split()
)
JOINED = frozenset(("y", "e", "i", "und"))  # Ruiz y Soto is one family name
LONGEST = 120


def names(e: Element, notes: list[tuple[str, str]]) -> dict[str, str]:
    """Official before usual before any other; a person of one name has it as the family name."""
    listed = e.many("name")
    full = [n for n in listed if family_of(n) or n.words("given")]
    name = best(full or listed, ("official", "usual", "", "temp"))
    found = parts(name)
    if not found["family"]:
        notes.append(("name", "no name is stated" + (f" ({why})" if (why := e.said_absent("name")) else "")))
    others = sorted((n for n in listed if n is not name and n.text("use") in CALLED), key=lambda n: use_rank(n, CALLED))
    preferred = called(others[0]) if others else ""
    for key, value in found.items():
        if len(value) > LONGEST:
            raise Unreadable(f"{name.path}.{key}", f"is longer than {LONGEST} characters")
    return {
        **found,
        "family": found["family"] or "Not stated",
        "preferred": preferred[:LONGEST] if preferred != found["given"] else "",
    }


def called(name: Element) -> str:
    """A nickname or usual name: what comes before the family name, or all that there is."""
    given, text = " ".join(name.words("given")), name.text("text")
    return given or (taken_apart(text)["given"] or text if not family_of(name) else "")


def parts(name: Element) -> dict[str, str]:
    """Family, given, prefix and suffix; from the text alone where a part is missing."""
    family, given = family_of(name), " ".join(name.words("given"))
    prefix, suffix, text = " ".join(name.words("prefix")), " ".join(name.words("suffix")), name.text("text")
    if not family and not given:
        return taken_apart(text) | {key: value for key, value in (("prefix", prefix), ("suffix", suffix)) if value}
    if not family:
        rest = taken_apart(text)
        whole = f"{rest['given']} {rest['family']}".strip()
        left = whole.removeprefix(given).strip() if whole.startswith(f"{given} ") else ""
        family, given = (left, given) if left else (given, "")
    return {"family": family, "given": given, "prefix": prefix[:60], "suffix": suffix[:60]}


def family_of(name: Element) -> str:
    """One text in R4; older servers and careless ones send several parts."""
    if isinstance(name.body.get("family"), list):
        return " ".join(name.words("family"))
    return name.text("family")


def taken_apart(text: str) -> dict[str, Any]:
    """`Dr Chey van Cane Jr` and `van Cane, Chey`: titles ahead, what stands behind, and the particles of a family."""
    ahead, comma, behind = text.partition(",")
    tail = [] if not comma else behind.replace(",", " ").split()
    words, suffix = ahead.split(), [word for word in tail if bare(word) in BEHIND]
    tail = [word for word in tail if bare(word) not in BEHIND]
    prefix = leading(tail if tail else words)
    if tail:
        return told(" ".join(words), tail[len(prefix) :], prefix, suffix)
    words = words[len(prefix) :]
    while len(words) > 1 and bare(words[-1]) in BEHIND:
        suffix.insert(0, words.pop())
    at = len(words) - 1
    while at > 1 and bare(words[at - 1]) in PARTICLES | JOINED:
        at -= 2 if bare(words[at - 1]) in JOINED and at > 2 else 1
    return told(" ".join(words[max(at, 0) :]), words[: max(at, 0)], prefix, suffix)


def told(family: str, given: list[str], prefix: list[str], suffix: list[str]) -> dict[str, Any]:
    return {"family": family, "given": " ".join(given), "prefix": " ".join(prefix), "suffix": " ".join(suffix)}


def leading(words: list[str]) -> list[str]:
    """The titles ahead; one word alone is a name, whatever it says."""
    at = 0
    while at < len(words) - 1 and bare(words[at]) in TITLES:
        at += 1
    return words[:at]


def bare(word: str) -> str:
    return word.strip(".,()").replace(".", "").casefold()


def best(items: list[Element], uses: tuple[str, ...]) -> Element:
    """The one for this purpose: by its use, then by its place in the list; one that has ended comes last."""
    ranked = sorted(items, key=lambda i: (bool(i.one("period").text("end")), use_rank(i, uses)))
    return ranked[0] if ranked else Element()


def use_rank(item: Element, uses: tuple[str, ...]) -> int:
    use = item.text("use")
    return uses.index(use) if use in uses else len(uses)
