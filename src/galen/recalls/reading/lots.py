"""Which of the things that stand behind the word *lot* are lots, and which expiry belongs to which."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from .codes import NumberSpan
from .days import read_day
from .shapes import alike, bare, doubtful, looks_like_a_lot, range_of, shape_of
from .tokens import NoticeToken, tokens

NO_LOT = re.compile(  # before the cue, in its clause: these lots are not recalled, or are of something else
    r"(?i)(?:\b(?:except(?:ing|ion)?|exclud\w+|other than|un-?affected|replac\w+)\b[^.;:\n]*"
    r"|\b(?:not(?! limited)|never|no|(?:ingredient|raw material|component|excipient|api|stopper|filter|diluent)s?)\b"
    r"(?:[^\w.;:\n]+\w+){0,2}[^\w.;:\n]*|\bcomplaints?[^\w.;:\n]*)\Z"
)
PART_OF = re.compile(
    r"(?i)\b(?:begin\w*|start\w*|end(?:ing|s)?|prefix\w*|suffix\w*|contain\w*|first|last|digits?|letters?|range\w*)\b"
)
DENIED = re.compile(
    r"(?i)(?:(?:is|are|was|were|has been|have been)\s+(?:not\s+|un)|(?:is|are|was|were)n't\s+|not\s+)(?:being\s+)?"
    r"(?:affected|included?|recalled|part|subject|involved|impacted|concerned|distributed|released|shipped|sold)"
)
ONWARD = frozenset("onward onwards higher later above up greater below lower earlier prior".split())
BUT = frozenset("not except excepting excluding excludes without".split())
HEAD = re.compile(r"[^\d:;.\n]{0,70}:")
FILL = frozenset(
    "and or plus also the a following affected recalled is are was were include includes including number numbers "
    "no nos with both only as lot lots s each respectively being".split()
)
TO = frozenset("to through thru - –".split())
BY_DAY = FILL | frozenset(
    "date dates dating dated when it should be instead of end at in correct incorrect wrong on by from between to "
    "through thru until month year label labeled labelled printed but states reads marked".split()
)
NO_PART = frozenset(
    "of in is to by at on or as no an it we mg ml gm usp rx otc due the and all any for was are not has may mfg "
    "inc llc co upc ndc exp usa us uk".split()
)
LOTS, DAYS, BOTH, DOUBT, ASIDE, NOTHING = "lots", "days", "both", "doubt", "aside", ""
SOFT = {"space", "word", "sign", "line", "expiry", "lot", "enum"}


@dataclass(slots=True)
class FoundLot:
    """A lot as printed, with what is told of it."""

    lot: str
    expires: date | None = None
    ndc: str | None = None
    label: str = ""


@dataclass(slots=True)
class TextReading:
    """What one text says: lots, days, doubts, ranges, and drug codes by their letter."""

    lots: list[FoundLot] = field(default_factory=list)
    expires: list[date] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)  # like lots, announced by no word
    ranges: list[tuple[str, str]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    spoken: bool = False  # whether it speaks of lots at all


class NoticeReader:
    """Goes through the tokens of one text; `mode` is what the last cue announced.

    LOTS, DAYS, or BOTH where a head names both; DOUBT where lots are spoken of that are not recalled or not whole;
    ASIDE behind numbers of other kinds. A list goes on over commas, line ends and remarks in brackets; other words end
    it.
    """

    def __init__(self, text: str, known: Sequence[NumberSpan], today: date, *, listed: bool = False) -> None:
        self.text, self.today = text, today
        self.all, self.at = list(tokens(text, known)), 0
        self.codes = {bare(token.text) for token in self.all if token.kind == "code"}
        self.read = TextReading(spoken=listed)
        self.mode, self.listed, self.empty = LOTS if listed else NOTHING, listed, True
        self.outer: list[str] = []  # modes around open brackets
        self.run: list[FoundLot] = []  # lots since the cue
        self.fresh: list[FoundLot] = []  # those that wait for their expiry
        self.cut = 0  # how many of them stand before the last semicolon
        self.last: list[FoundLot] = []  # those that the last day was given to
        self.days: list[date] = []  # days since the last lot
        self.ahead: date | None = None  # under a head that names days first, the one that stands
        self.day_first = False
        self.due = False  # a cue of days stands there, and no day yet
        self.cue = 0  # where the last word for lots ended
        self.between = False  # whether it names the ends of a range
        self.paired = True  # whether days stand behind their lots
        self.label = ""
        self.codes_before: list[str] = []  # drug codes since the last lot, or of it
        self.codes_used = False
        self.coded = True  # whether drug codes stand before their lots

    def whole(self) -> TextReading:
        while self.at < len(self.all):
            token = self.all[self.at]
            self.at += 1
            if act := getattr(self, f"on_{token.kind}", None):
                act(token)
        self.end(None)
        return self.read

    def on_line(self, token: NoticeToken) -> None:
        if self.mode == ASIDE:
            self.mode = NOTHING

    def on_enum(self, token: NoticeToken) -> None:
        self.label = token.text.strip("()").lower()
        if self.mode in (DAYS, ASIDE):
            self.mode = LOTS if self.listed else NOTHING

    def on_lot(self, token: NoticeToken) -> None:
        self.read.spoken = True
        head = HEAD.match(self.text, token.end)
        said = head[0] if head else self.text[token.end : token.end + 40].partition(".")[0]
        between = self.text[max(0, token.start - 80, self.cue) : token.start]
        denied = NO_LOT.search(between) or (self.mode == DOUBT and FILL.issuperset(re.findall("[a-z]+", between)))
        self.cue = token.end
        self.between = re.search(r"(?i)\b(?:between|from)\W*\Z", between) is not None
        days_first = self.mode in (DAYS, BOTH) and self.empty and not self.run
        self.mode = BOTH if days_first else LOTS
        self.day_first = days_first
        if denied or PART_OF.search(re.split(r"\d", said, maxsplit=1)[0]) or (head and NO_LOT.search(said)):
            self.mode = DOUBT
        self.listed, self.empty, self.run, self.fresh, self.cut = self.mode != DOUBT, True, [], [], 0
        if head and self.mode != DOUBT:
            if re.search(r"(?i)\bexp|\bbeyond|\bbud\b|\buse by", said):
                self.mode = BOTH
            while self.at < len(self.all) and self.all[self.at].start < head.end() and self.all[self.at].kind in SOFT:
                self.at += 1

    def on_expiry(self, token: NoticeToken) -> None:
        if self.mode == LOTS and self.listed and self.empty:
            self.mode = BOTH
        elif self.mode == BOTH:
            self.due = True
        else:
            if not self.listed:
                self.empty = True
            self.mode, self.due = DAYS, True

    def on_aside(self, token: NoticeToken) -> None:
        if self.mode in (LOTS, BOTH) and self.empty and token.text[:1].isdigit():
            self.doubt(token.text)
        self.end(token)
        self.mode, self.listed = ASIDE, bool(self.outer) and self.listed

    def on_elsewhere(self, token: NoticeToken) -> None:
        self.end(token)
        self.mode, self.listed = DOUBT, False

    def on_ndc(self, token: NoticeToken) -> None:
        self.coded = self.coded and (bool(self.codes_before) or not self.read.lots)
        if self.codes_used:
            self.codes_before, self.codes_used = [], False
        self.codes_before.append(token.text)
        if self.label:
            self.read.labels.setdefault(self.label, token.text)
        if self.mode not in (BOTH, LOTS) or not self.empty:
            self.mode = BOTH if self.mode == BOTH else NOTHING

    def on_gtin(self, token: NoticeToken) -> None:
        if self.mode == LOTS and self.empty:
            self.doubt(token.text)
        self.mode = NOTHING

    def on_doubt(self, token: NoticeToken) -> None:
        self.doubt(token.text)

    def on_day(self, token: NoticeToken) -> None:
        if self.mode in (DAYS, BOTH):
            self.dated(token.text)
        elif self.mode in (LOTS, DOUBT):
            self.doubt(token.text)

    def on_quantity(self, token: NoticeToken) -> None:
        """A number with a unit counts something, unless it stands where a lot should, or looks like those before it."""
        number = re.match(r"\d+(?![\d,.])", token.text)
        if re.fullmatch(r"\d+[A-Z]", token.text):
            self.on_code(token)
        elif self.mode == LOTS and number and self.text[token.start - 1] not in "([":
            alike = self.run and shape_of(self.run[-1].lot) == shape_of(number[0])
            self.doubt(token.text if alike or (self.empty and len(number[0]) >= 4) else "")

    def on_word(self, token: NoticeToken) -> None:
        word = token.text.lower()
        if self.mode in (LOTS, BOTH) and self.begins_a_code(token):
            self.group(token)
        elif self.mode in (LOTS, BOTH) and self.turns(word, token):
            self.mode = DOUBT
        elif self.mode != DOUBT and word not in (BY_DAY if self.mode in (DAYS, BOTH) else FILL | TO):
            self.end(token)

    def turns(self, word: str, token: NoticeToken) -> bool:
        """Whether what follows in the list is not meant, or is a number of another kind."""
        return (word in BUT and not DENIED.match(self.text, token.start)) or (
            word in ("code", "codes") and bool(self.run)
        )

    def on_sign(self, token: NoticeToken) -> None:
        if token.text in "([":
            self.outer.append(self.mode)
        elif token.text in ")]" and self.outer:
            outer = self.outer.pop()
            self.mode = outer if outer or self.mode != DAYS else self.mode
        elif token.text == ";":
            self.cut = len(self.fresh)
            if self.mode in (DAYS, ASIDE):
                self.mode = LOTS if self.listed else NOTHING
        elif token.text in ".!?" and re.match(r"\s+[A-Z]|\s*\Z", self.text[token.end : token.end + 3]):
            self.end(token)
            self.listed = False

    def on_code(self, token: NoticeToken) -> None:
        if self.mode in (DAYS, BOTH) and self.due:
            self.dated(bare(token.text))
            return
        if self.mode == DAYS:
            self.mode = LOTS if self.listed else NOTHING
        if self.mode in (LOTS, BOTH):
            self.group(token)
        elif self.mode == DOUBT and not re.fullmatch(r"\(\d\d\)", self.text[token.start - 1 : token.end + 1]):
            self.doubt(token.text)
        elif self.mode == NOTHING and looks_like_a_lot(bare(token.text)):
            self.read.stray.append(bare(token.text))

    def end(self, token: NoticeToken | None) -> None:
        """Other words end a list; within brackets they are a remark, behind which it goes on."""
        if token and self.run and DENIED.match(self.text, token.start):
            for found in self.run:
                self.read.lots.remove(found)
                self.doubt(found.lot)
            self.fresh = []
        elif token and self.run and token.text.lower() in ONWARD:
            self.read.doubts.append(f"{self.run[-1].lot} {token.text}")
        self.run = []
        self.mode = NOTHING
        self.listed = self.listed and bool(self.outer)

    def doubt(self, text: str) -> None:
        if any(map(str.isdigit, text)):
            self.read.doubts.append(bare(text))
            self.empty = False

    def dated(self, text: str) -> None:
        """An expiry: of the lots before it that have none yet, unless several days stand there for them."""
        self.empty = self.due = False
        if (day := read_day(text, self.today)) is None:
            self.doubt(text)
            return
        self.read.expires.append(day)
        self.paired = self.paired and (self.day_first or bool(self.read.lots))
        self.ahead = day if self.day_first else None
        if self.fresh and not self.day_first:
            self.last, self.days = self.fresh[self.cut :] or self.fresh, []
        self.fresh, self.cut = [], 0
        self.days.append(day)
        each = len(self.days) == len(self.last) and len(self.days) > 1
        each = each and "respectively" in self.text[self.all[self.at - 1].end :][:40].lower()
        for found, given in zip(self.last, self.days if each else [day] * len(self.last), strict=True):
            found.expires = given if self.paired and (each or len(self.days) == 1) else None

    def begins_a_code(self, token: NoticeToken) -> bool:
        """One to three capitals before a code, with a space between: whether they belong to it, nobody can tell."""
        after = [token.kind for token in self.all[self.at : self.at + 2]]
        return len(token.text) <= 3 and after == ["space", "code"] and could_be_part(token.text)

    def group(self, first: NoticeToken) -> None:
        """Codes with nothing but spaces between: several lots when they are alike, else one doubt."""
        start, group = self.at - 1, [first]
        while self.goes_on():
            group.append(self.all[self.at + 1])
            self.at += 2
        before = [token for token in self.all[max(0, start - 3) : start] if token.kind != "space"][-1:]
        ranged = bool(before) and before[0].text.lower() in TO
        if len(group) > 1 and not alike([bare(token.text) for token in group]):
            self.doubt(self.text[group[0].start : group[-1].end])
            return
        if len(group) == 1 and re.fullmatch(r"\d{1,4}", bare(first.text)) and not self.empty and self.followed():
            if len(bare(first.text)) > 2:
                self.doubt(first.text)
            self.end(first)
            return
        for token in group:
            self.candidate(bare(token.text), ranged and token is first)

    def goes_on(self) -> bool:
        """Whether a code, or a few capitals that end the item, stand behind nothing but a space."""
        kinds = [token.kind for token in self.all[self.at : self.at + 4]]
        if kinds[:2] != ["space", "word"]:
            return kinds[:2] == ["space", "code"]
        word = self.all[self.at + 1].text
        return len(word) <= 3 and could_be_part(word) and kinds[2:] != ["space", "word"]

    def followed(self) -> bool:
        """Whether words follow that no list has: the number before them counts something."""
        after = self.all[self.at : self.at + 2]
        return [token.kind for token in after] == ["space", "word"] and after[1].text.lower() not in FILL | TO

    def candidate(self, text: str, ranged: bool) -> None:
        if doubtful(text, self.codes):
            if ends := range_of(text):
                self.read.ranges.append(ends)
            self.doubt(text)
            return
        if (ranged and self.run) or (self.between and len(self.run) == 1):
            self.read.ranges.append((self.run[-1].lot, text))
            self.read.doubts.append(f"{self.run[-1].lot} - {text}")
        code = self.codes_before[0] if self.coded and len(self.codes_before) == 1 else None
        self.codes_used = True
        found = FoundLot(text, self.ahead, code, self.label)
        for lots in (self.read.lots, self.run, *(() if self.ahead else (self.fresh,))):
            lots.append(found)
        self.empty, self.days, self.last = False, [], []


def could_be_part(word: str) -> bool:
    return word.isupper() and word.lower() not in NO_PART | TO
