"""The commonest words of English, and those that Galen prints: none is taken for what it does not mean."""

from collections import defaultdict
from pathlib import Path

from galen.prescribing.directions import read
from galen.prescribing.directions.vocabulary import table

WORDS = Path(__file__).parents[1] / "data" / "directions" / "english_words.txt"
FRAMES = (
    "1 tab bd {}", "1 drop bd {}", "apply {} bd", "{} 1 tab bd", "1 {} bd", "1 drop {} bd", "1 tab {} bd prn",
    "1 tab {}",
    "{} bd", "1 tab prn {}", "1 drop {}", "1 tab daily {}", "1 puff {} bd",
)  # fmt: skip
# What each of them may mean, and nothing else; a word that is in no line must be handed back in every frame.
MEANT = {
    "nothing": "a an and at bid course into of only mix please plus the to total your above",
    "verb": "applied apply drink give given insert inserted place placed put take taken takes taking use used inject"
    " spray"
    " inhale dissolve suck chew swallow",
    "unit": "application applications drop drops film packet patch pen piece pieces ring unit units tablet tablets"
    " capsule"
    " capsules mg microgram micrograms g ml mmol meq teaspoon teaspoons tablespoon tablespoons puff puffs sprays"
    " patches suppository suppositories pessary pessaries enema enemas sachet sachets lozenge lozenges nebule nebules"
    " spray inhalation ampoule ampoules vial vials syringe syringes pens injection injections films scoop scoops"
    " rings dose doses",
    "number": "eight five four half nine one quarter seven six ten three twelve twenty two",
    "bound": "about around roughly minimum",
    "most": "limit maximum",
    "days": "day days month months week weeks today",
    "site": "arm face feet foot hand hands leg legs neck top trunk as be re scalp arms chest groin lips knee nails"
    " abdomen thigh"
    " vulva anus transdermally inhalation nebuliser",
    "often": "bid daily",
    "once": "immediately now once",
    "moment": "afternoon am dinner evening evenings lunch midday morning mornings night on breakfast bedtime",
    "weekdays": "weekend mondays tuesdays wednesdays thursdays fridays saturdays sundays",
    "reason": "fit fits fluid gas pain sleep temperature wind",
    "quantity": "quantity send supply",
    "repeats": "repeat repeats",
    "advice": "liberally",
}


def changed(frame: str, word: str) -> set[str]:
    """What a word adds to directions, beyond what a word without meaning leaves of them."""
    made, bare = read(frame.format(word)), read(frame.format("qzxq"))
    if word in " ".join([*made.unknown, *made.remarks]).casefold().split():
        return set()
    dose, none = (next(iter(found.doses), None) for found in (made, bare))
    if dose is None or none is None:
        return {"nothing"} if made.doses == bare.doses else {"number", "unit", "days"}
    parts = {
        "verb": dose.verb != none.verb,
        "site": (dose.site, dose.route) != (none.site, none.route),
        "number": dose.high != none.high,
        "unit": dose.unit != none.unit,
        "bound": dose.loose != none.loose,
        "most": dose.most != none.most,
        "days": dose.days != none.days,
        "once": bool(dose.often and dose.often.once),
        "moment": bool(dose.often and dose.often.when),
        "weekdays": bool(dose.often and dose.often.weekdays),
        "often": dose.often != none.often
        and not (dose.often and (dose.often.once or dose.often.when or dose.often.weekdays)),
        "reason": dose.reason != none.reason,
        "advice": made.advice != bare.advice,
        "food": dose.food != none.food,
        "needed": dose.needed != none.needed,
        "quantity": made.quantity != bare.quantity,
        "repeats": made.repeats != bare.repeats,
    }
    return {part for part, different in parts.items() if different} or {"nothing"}


def test_no_common_word_and_no_printed_word_is_taken_for_what_it_does_not_mean() -> None:
    lines = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    printed = {word.strip(".,()").casefold() for key, *said in table("en") for text in said for word in text.split()}
    words = {word.casefold() for line in lines for word in line.split()} | {word for word in printed if word.isalpha()}
    assert len(words) > 3_800
    may = defaultdict(set)
    for part, meant in MEANT.items():
        for word in meant.split():
            may[word].add(part)
    # A number, a unit or a place changes what stands beside it: the verb that is meant, the unit that is not said.
    beside = {"number": {"unit", "verb", "site"}, "unit": {"verb", "number"}, "site": {"verb"}, "verb": {"site"},
              "most": {"number", "unit"}, "days": {"number", "unit"}, "bound": {"number", "unit"},
              "quantity": {"number", "unit"},
              "repeats": {"number", "unit"}}  # fmt: skip
    wrong = {}
    for word in sorted(words):
        taken = set().union(*(changed(frame, word) for frame in FRAMES)) - {"nothing"}
        allowed = may[word] | {more for part in may[word] for more in beside.get(part, ())}
        if taken - allowed or (not may[word] and any(changed(frame, word) for frame in FRAMES)):
            wrong[word] = taken - allowed or {"nothing"}
    assert not wrong


def test_the_test_finds_a_word_that_is_taken_for_something_else() -> None:
    assert "moment" in changed("1 tab {}", "morning") and "site" in changed("1 drop {} bd", "be")
    assert changed("1 tab bd {}", "qzxq") == set()
