"""What must hold for every text: nothing is dropped, plain words mean the same, spaces and capitals change nothing."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from galen.prescribing.directions import LANGUAGES, Directions, compiled, plain, read, say
from galen.prescribing.directions.vocabulary import table

SPELLINGS = [(kind, key, spelling) for kind, key, spelled in table("spellings") for spelling in spelled.split("|")]


def of(kind: str) -> list[str]:
    return sorted({spelling for k, _, spelling in SPELLINGS if k == kind})


def same(one: Directions, other: Directions) -> None:
    assert (one.doses, one.advice, other.unknown) == (other.doses, other.advice, [])


doses = st.sampled_from(["1", "2", "0.5", "1.5", "1 to 2", "2.5 to 5", "1,000", "half a", "ii", "one"])
units = st.sampled_from(
    [
        spelling
        for spelling in of("unit")
        if spelling not in {"u", "iu", "t", "c", "neb", "5 ml spoonful", "5 ml spoonfuls"}
    ]
)
routes = st.sampled_from(["", *of("route")])
sites = st.sampled_from(["", *of("site")])
often = st.sampled_from([*of("often"), *of("once"), *of("moment")]) | st.sampled_from(
    ["q4h", "q4-6h", "every 3 days", "mane nocte", "twice daily at 8am and 8pm", "on mondays", "mon wed fri", "q72h",
     "3-4 times a day",
     "up to 4 times a day", "weekly on Tuesday", "30 minutes before breakfast",
     "6 hourly", "every 2 weeks", "bd mane nocte"]
)  # fmt: skip
food = st.sampled_from(["", *of("food"), "30 minutes before food", "2 hours after meals"])
advice = st.sampled_from(["", *of("advice")])
ends = st.sampled_from(
    ["", "for 5 days", "2/52", "prn", "prn for pain", "x 10 days", "max 8/24h", "for up to 3 days", "for 5-7 days",
     "if required for fever",
     "5/7 then half a tab od 3/7", "starting tomorrow", "no more than 3 doses in 12 hours"]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.tuples(doses, units, routes, sites, often, food, advice, ends))
def test_plain_words_mean_what_was_read(parts: tuple[str, ...]) -> None:
    written = " ".join(part for part in parts if part)
    made = read(written)
    if made.unknown:  # two places, or a frequency that contradicts itself
        return
    printed = say(made)
    again = read(printed)
    same(made, again)
    assert say(again) == printed


@given(st.tuples(doses, st.sampled_from(["tab", "mL", "puffs", "mg", "drops"]), often, ends))
def test_spaces_and_capitals_change_nothing(parts: tuple[str, ...]) -> None:
    written = " ".join(parts)
    made = read(written)
    for other in (written.upper(), f"  {written.replace(' ', '   ')} ", written.title(), written.replace(" ", "\t")):
        assert read(other).doses == made.doses


@given(st.permutations(["po", "bd", "pc", "x 5/7", "prn"]))
def test_the_order_of_the_parts_changes_nothing(parts: list[str]) -> None:
    assert read(" ".join(["1 tab", *parts])).doses == read("1 tab po bd pc x 5/7 prn").doses


def test_an_unknown_word_is_reported_wherever_it_stands_ten_thousand_times() -> None:
    dice = Random(20261120)
    known = [
        "1 tab",
        "2 puffs",
        "5 mL",
        "po",
        "bd",
        "q4h",
        "pc",
        "prn",
        "for 7 days",
        "x5/7",
        "mane",
        "max 8/24h",
        "with food",
        "then",
    ]
    spelled = {word for _, _, spelling in SPELLINGS for word in spelling.split(" ")}
    for _ in range(10_000):
        parts = dice.sample(known, dice.randint(1, 6))
        word = "".join(dice.choice("bcdfghjklmnpqrstvwxz") for _ in range(dice.randint(4, 9)))
        if word in spelled:
            continue
        parts.insert(dice.randint(0, len(parts)), word)
        made = read(" ".join(parts))
        assert any(word in text for text in made.unknown), (parts, made.unknown)
        assert word in say(made) and not made.complete
        assert compiled(" ".join(parts), days=7)["quantity"] is None


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=60) | st.text("0123456789 tabcpomgdxqh/-.,½", max_size=40))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    made = read(text)
    for language in LANGUAGES:
        assert isinstance(say(made, language), str)
    found = compiled(text, "paracetamol 500 mg tablet", 7)
    assert found["quantity"] is None or found["quantity"] > 0
    assert found["days_supply"] is None or found["days_supply"] >= 0


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789 .,/-", max_size=40))
def test_every_letter_is_understood_or_handed_back(text: str) -> None:
    """With nothing known in it, all of it comes back."""
    letters = [word for word in text.split() if len(word) > 3 and word.isalpha()]
    spelled = {word for _, _, spelling in SPELLINGS for word in spelling.split(" ")}
    made = read(" ".join(f"{word}qx" for word in letters))
    assert " ".join(made.unknown).split() == [f"{word}qx" for word in letters if f"{word}qx" not in spelled]


@given(st.decimals("0.0001", 10_000, places=4))
def test_numbers_are_printed_safely(number: Decimal) -> None:
    shown = plain(number)
    assert Decimal(shown.replace(",", "")) == number
    assert not shown.startswith(".") and not ("." in shown and shown.endswith(("0", ".")))


def test_a_dose_is_never_changed_by_a_notice() -> None:
    assert replace(read("1 tab qd").doses[0]) == read("1 tab daily").doses[0]
