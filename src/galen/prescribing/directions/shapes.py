"""What a piece of the row of words may look like, in the order in which it is tried. Words stand apart by one space."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from .numbers import DIGITS, FIRST, NUMBER, WHOLE
from .vocabulary import keys, lexicon, units

UNIT_OF, DAY_OF = units(), {word: day for word, day in keys("weekday").items() if " " not in day}


def _any(words: dict[str, str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


UNIT = rf"(?:{_any(UNIT_OF)})(?: \( s \))?"
DAY = rf"(?:{_any(DAY_OF)})"
COUNTED = r"(?:full |whole |heaped |level |metered )?"
MASS = r"(?:mg|mgs|mcg|mcgs|microgram|micrograms|microg|µg|ug|g|gm|gram|grams|units?|iu|mmol|ml)"
PERIOD = (
    r"(?:hours?|hrs?|hr|hourly|hrly|h|°|days?|daily|d|weeks?|wks?|wk|weekly|w|months?|mths?"
    r"|mth|monthly|minutes?|mins?|min)"
)
LENGTH = r"(?:days?|d|nights?|weeks?|wks?|wk|w|months?|mths?|mth|m)"
LONG = r"(?:days?|nights?|weeks?|wks?|months?|mths?|hours?|hrs?|minutes?|mins?|years?)"
RANGE = r"(?:-|to|or|and)"
SPAN = r"(?:-(?! half| quarter| third)|to|or)"
EVERY_DAY = r"(?:daily|a day|per day|each day|every day|in a day|in the day|/ day|/ d|/ 24 h|in 24 hours|d|day)"
EVERY_WEEK = r"(?:weekly|a week|per week|each week|every week|/ week|in a week|/ wk|per wk|a wk)"
EVERY_MONTH = r"(?:monthly|a month|per month|each month|every month|/ month)"
# What makes a number inexact, and is never dropped.
LEAST = r"(?:at least|at minimum|a minimum of|minimum of|minimum|no less than|not less than|no fewer than)"
ABOUT = r"(?:about|around|approximately|approx|roughly|circa|~)"
AT_MOST = r"(?:up to|at most|a maximum of|maximum of|maximum|max|no more than|not more than|no longer than)"
BOUND = rf"(?:(?P<at_least>{LEAST}) |(?P<about>{ABOUT}) |(?P<up_to>{AT_MOST}) )?"
BEYOND = r"(?: (?P<beyond>or more|or longer|minimum|at least|at minimum|or so|approximately|\+|plus))?"
WITHIN = (
    r"(?:(?:/|per|in|a|in a|in any|within|within any|each|every|over) (?:(?P<within>\d{1,3}) )?(?:-? )?"
    r"(?P<span>hours?|hrs?|hr|h|hourly|days?|d|weeks?|wk|24)(?: period)?|(?P<daily>daily|/ day))"
)
FOR = (
    r"(?:for(?: the)?(?: relief of| treatment of| management of| control of| symptoms of)?|due to|because of"
    r"|to (?:treat|relieve|control|help|help with|prevent|reduce|aid|ease|lower|improve|manage)|in case of)"
)
ONSET = r"(?:at|with|on) (?:the )?(?:first signs?|onset|start|beginning|first symptoms?) of(?: an?| the| your)?"
IF = r"(?:if(?: in| there is| you have| having)?|when(?: in| there is| you have| having)?)"
WHO = (
    r"(?:clinic|clinician|doctor|dr|physician|prescriber|provider|nurse|pharmacist|pharmacy|specialist|hospital|team"
    r"|consultant|surgeon|dentist|gp|md|office|oncologist|cardiologist|dermatologist|neurologist|psychiatrist"
    r"|manufacturer|package|packaging|label|box|leaflet|insert|instructions|directions)"
)
HAPPENING = (
    r"(?:(?:dental |medical )?(?:procedures?|appointments?|work|surgery)|sexual activity|sexual intercourse|intercourse"
    r"|sex|exercise|travel|travelling|flights?|dialysis|mri|scan|chemotherapy|activity)"
)
WATERED = (
    r"(?:(?:mixed|mix|dissolved|dissolve|diluted|dilute|stirred) )?(?:in|with) (?:at least )?"
    r"(?:(?:an?|one|half an?|\d+)(?: (?:-|to) \d+)? )?(?:(?:oz|ounces?|ml|fl oz|cups?|(?:full |large )?glass)"
    r" )?(?:of )?water"
)
MEAL = r"(?:food|foods|meals?|eating|each meal|a meal|every meal|the same meal|same meal|each meal|main meals?)"
CLAUSE = (
    r"(?:do not|don't|dont|does not|not|never|avoid|unless|except|if|until|till|when|whenever"
    r"|while|whilst|hold|withhold|omit|skip"
    r"|stop|discontinue|cease|but|instead|should|must|repeat|may|can"
    r"|(?:reduc|decreas|taper|wean|lower|increas|titrat|adjust|alternat)[a-z]*)"
)
CYCLE = r"(?:calendar month|month|menstrual cycle|cycle|period|quarter|year|\d{1,2} -? ?day cycle)"
OF_CYCLE = (
    r"days? \d{1,2}(?: (?:-|to|through|and|,|&) (?:days? )?\d{1,2})*|(?:first|last)(?: (?:\d{1,2}|[a-z]+))?"
    r"(?: (?:days?|weeks?|weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday))?"
    r"|\d{1,2} (?:st|nd|rd|th)(?: (?:and|,|&) (?:the )?\d{1,2} (?:st|nd|rd|th))*(?: days?)?"
)
LETTER = r"(?:m|tu|tue|w|we|th|f|fr|sa|su)"

# Name, what its first word looks like (nothing: any), and its look.
_SHAPES: list[tuple[str, str, str]] = [
    ("gap", r"\W", r"[,;:().\[\]*'-]"),
    ("clause", r"on|for|the|days?|first|last|\d+|[a-z]+",
     rf"(?:(?:on|for|in) )?(?:the )?(?:{OF_CYCLE}) of (?:(?:each|every|the|your|a|her) )?{CYCLE}"),
    ("word", r"then|and|followed|\d+|[a-z]+",
     rf"(?:(?:then|and|followed by) )?{WHOLE} (?:days?|weeks?)(?: -)? (?:off|on|break|free|without)"),
    ("grid", r"\.?\d.*",
     rf"(?P<first>1 / 2|\d|{DIGITS}) (?P<sign>[-+]) (?P<second>1 / 2|\d|{DIGITS}) (?P=sign) (?P<third>1 / 2|\d|"
     rf"{DIGITS})"
     rf"(?: (?P=sign) (?P<fourth>1 / 2|\d|{DIGITS}))?(?! [-+/])(?: {COUNTED}(?P<unit>{UNIT}))?"),
    ("change", r"then|and|reduc.*|decreas.*|taper.*|wean.*|lower.*|increas.*",
     rf"(?:and |then )?(?P<way>reduc\w*|decreas\w*|taper\w*|wean\w*|lower\w*|increas\w*)(?: the)?"
     rf"(?: dose)?(?: down| up)? by"
     rf" (?P<by>{NUMBER})(?: (?P<unit>{UNIT}))? (?:(?:every|each|per|a)(?: (?P<many>{WHOLE}))? "
     rf"(?P<of>/ 7|/ 52|days?|d|weeks?|wks?|wk|other day|2nd day)"
     rf"|(?P<each>daily|weekly))(?:(?: ,)?(?: then| and then| and)? (?:(?P<end>until (?:finished"
     rf"|off|zero|0|stopped|completed?|gone|nil)"
     rf"|(?:down )?to (?:zero|0|nil)|stop|off|cease)|(?:down to|up to|to a max(?:imum)? of"
     rf"|until reaching|until|to|max(?:imum)?(?: of)?) (?P<target>{NUMBER})(?: "
     rf"(?P<target_unit>{UNIT}))?))?"),
    ("repeated", r"may|can|,|and|repeat|repeated",
     rf"(?:and )?(?:(?:may|can) (?:be )?)?repeat(?:ed)?(?: dose| the dose| once| x 1| one time| 1 time)*"
     rf" (?:after|in|every|at) (?P<many>{WHOLE}) (?P<of>hours?|hrs?|h|minutes?|mins?)"
     rf"(?: later)?(?: once| x 1| one time)?"
     rf"(?: (?:if (?:needed|necessary|required|no relief|not relieved|symptoms return|headache returns|no effect)|prn"
     rf"|as needed|when required|if headache recurs|if symptoms recur))?"),
    ("most", r"to|up|with|max|maximum|mdd|nte|nmt|do|not|don't|no|never|limit",
     rf"(?:(?:to a |up to a |with a )?(?:max|maximum|mdd)(?: daily)?(?: dose| daily| amount)?(?: is| of"
     rf"| :| \.| =)*|(?:do )?not (?:to )?(?:take |use |give |be )?(?:more than|exceed)"
     rf"|(?:do not|don't|not to) exceed|no more than|never more than|limit(?: to)?|nte|nmt|up to"
     rf"(?= {NUMBER} (?:{UNIT}) (?:a|per|/|in|daily|each day|every day)))"
     rf" (?P<most>{NUMBER})(?! (?:full |consecutive )?{LONG}(?: |$))"
     rf"(?: {COUNTED}(?P<unit>{UNIT}|times?|x)(?! of))?(?: {WITHIN})?"),
    ("days", r"for|x|up|at|a|an|one|max|maximum|minimum|no|not|about|around|approx.*|roughly|circa|~|\d+",
     rf"(?:for |x )?{BOUND}(?:(?P<low>\d{{1,3}}) - )?(?P<many>\d{{1,4}}) / (?P<of>7|52|12)"
     r"(?! /)(?: only)?"),
    ("days", r"for|x|over|duration|continue",
     rf"(?:(?:for|x|over|duration|continue for) {BOUND}(?:the next |the first "
     rf"|a course of |a total of |another |: |a period of |next |first )?)(?:"
     rf"(?P<low>{WHOLE}) {RANGE} )?(?P<many>{WHOLE}|a|an|one)"
     rf" (?:full |whole |more |consecutive |additional )?(?P<of>{LENGTH}|fortnight){BEYOND}(?: only| course| in total"
     rf"| total| duration)?"),
    ("days", r"at|no|not|a|minimum|max.*|up|about|around|approx.*|roughly",
     rf"(?:(?P<at_least>{LEAST})|(?P<about>{ABOUT})|(?P<up_to>{AT_MOST}))(?: for| of)? (?P<many>{WHOLE})"
     rf" (?P<of>days?|weeks?|wks?|months?)"
     r"(?! (?:a|per|each|every|out|before|after|apart|on|off))(?: only| course| in total)?"),
    ("days", r"for|a|\d+|[a-z]+",
     rf"(?:for )?(?:a )?(?P<many>{WHOLE})(?: -)? (?P<of>days?|d|weeks?|wks?|months?"
     r"|nights)(?! (?:a|per|each|every|out|before|after|apart|on|off))(?: course| supply"
     r"| only)?"),
    ("often_every", r"once|q|every|each|at|about|around|approx.*|roughly",
     rf"(?:(?P<at_least>{LEAST}) |(?P<about>{ABOUT}) )?(?:once )?(?:q|every|each) (?:(?:q )?(?P<low>{WHOLE})(?:"
     rf" (?P<of1>{PERIOD}))? (?:-|to"
     rf"|or) (?:q )?)?(?P<many>{WHOLE}) (?:(?:st|nd|rd|th) )?(?P<of>{PERIOD}|/ 24)"),
    ("often_every", r"q|\d+",
     r"(?:q )?(?:(?P<low>\d{1,3}) (?:-|to) )?(?P<many>\d{1,3})(?: -)? (?P<of>hourly|hrly|weekly"
     r"|monthly|minutely)"),
    ("often_every", r"\d+", r"(?P<many>1|2|3|4|6|8|12) (?P<of>/ 24)"),
    ("often_every", r"t.*|f.*|s.*|e.*", r"(?P<many>two|three|four|six|eight|twelve)(?: -)? (?P<of>hourly|monthly)"),
    ("often_times", r"x", rf"x (?P<many>{WHOLE}) (?P<day>{EVERY_DAY})"),
    ("often_times", r"up|at|a|no|not|max.*|min.*|about|around|approx.*|roughly|once|twice|thrice|\d+|[a-z]+",
     rf"{BOUND}(?:(?P<low>once|{WHOLE})(?: times)? {RANGE} )?(?:"
     rf"(?P<count>once|twice|thrice)|(?P<many>{WHOLE}) (?:times|time|x))"
     rf" (?:(?P<day>{EVERY_DAY})|(?P<week>{EVERY_WEEK})|(?P<month>{EVERY_MONTH})|every (?:"
     rf"(?P<every>{WHOLE}) )?(?P<of>{PERIOD}|other day))"),
    ("often_times", r"up|at", r"(?P<up_to>up to |at most )(?P<latin>bd|bid|tds|tid|qid|qds|daily|od)"),
    ("often_times", r"at", r"(?P<at_least>at least )(?P<latin>bd|bid|tds|tid|qid|qds|daily|od)"),
    ("often_times", r"on|[2-6]|t.*|f.*|s.*", rf"(?:on )?(?P<many>[2-6]|two|three|four|five|six) (?:days|x)"
     rf" (?P<week>{EVERY_WEEK}|out of 7|of the week)"),
    ("apart", r"\d+|one|two|half|an?|at",
     rf"(?:at least )?(?P<many>{WHOLE}|an?|half an|1 / 2) (?P<of>minutes?|mins?|hours?|hrs?|hr|h) (?:before|prior"
     rf" to)(?: {MEAL})?"
     rf" or (?P<many2>{WHOLE}|an?) (?P<of2>minutes?|mins?|hours?|hrs?|hr|h) after {MEAL}"),
    ("event_lead", r"\d+|an?|[a-z]+",
     rf"(?:at least |about )?(?:{WHOLE}|an?|half an|1 / 2)(?: (?:-|to) {WHOLE})? (?:minutes?|mins?|hours?|hrs?|hr|h)"
     rf" (?:before|prior to|after) (?:the |your |any |each |every )?{HAPPENING}"),
    ("lead", r"\d+|[a-z]+|~|1",
     rf"(?:(?P<at_least>{LEAST}) |(?P<about>{ABOUT}) )?(?P<many>{WHOLE}|an?|half an|1 / 2)(?: (?:-|to|or)"
     rf" (?P<high>{WHOLE}))? "
     rf"(?P<of>minutes?|mins?|hours?|hrs?|hr|h) (?P<side>before|prior to|ac|pc|after|following) (?:the |each |every"
     rf" |your )?(?P<what>{MEAL}"
     rf"|breakfast|lunch|dinner|supper|evening meal|morning meal|bed|bedtime|going to bed|sleep)(?: time)?"),
    ("meals", r"ac|pc|cc|before|after|with",
     r"(?P<side>ac|pc|cc|(?:before|after|with)(?: each| every| your| the| all| three| 3)? (?:meals?|food))"
     r" (?:and|&|\+|,) (?P<night>hs|qhs|nocte|nightly|(?:at )?bedtime|at night|before bed|every night)"),
    ("clock", r"q|at|@|12", r"(?:q |at |@ )?(?P<hour>12) (?:: 00 )?(?P<half>noon|midday|midnight)"),
    ("clock", r"q|at|@|\d+",
     r"(?:q |at |@ )?(?P<hour>1[0-2]|0?[1-9])(?: : (?P<minute>[0-5]\d))? (?P<half>am|pm)"),
    ("clock", r"at",
     r"at (?P<hour>1[0-2]|0?[1-9])(?: : (?P<minute>[0-5]\d))?(?: o'clock)? (?P<half>in the (?:morning|evening|"
     r"afternoon)|at night)"),
    ("clock", r"q|at|@|\d+", r"(?:q |at |@ )?(?P<hour>[01]?\d|2[0-3]) : (?P<minute>[0-5]\d)(?: (?:h|hrs|hours))?"),
    ("clock", r"at", r"at (?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?: (?:h|hrs|hours))?"),
    ("quantity", r"mitte|disp|dispense|qty|quantity|supply|send|#",
     rf"(?:mitte|disp|dispense|qty|quantity|supply|send|#)(?: (?:of|:|\.|=|#|x))* "
     rf"(?P<many>{DIGITS})(?: (?P<unit>{UNIT}|op))?(?: \( \w+ \))?"),
    ("repeats", r"r.*|no|nil|n.*|\d+",
     r"(?:rpts?|repeats?|refills?|rf)(?: (?::|x|\.|=|#))* (?P<many>\d{1,2}|zero|none|nil)"
     r"(?: times)?|(?P<count>\d{1,2}) (?:rpts?|repeats?|refills?)|(?:nr|no repeats?|no refills?"
     r"|nil repeats?)"),
    ("label", r"(?:then|and|weeks?|wks?|,|;|\.)",
     r"(?:then |and )?(?P<of>weeks?|wks?|months?) (?:number )?(?P<first>\d{1,2}|one)(?: (?:-|to|through|and|&)"
     r" (?:week )?(?P<last>\d{1,2}))?(?P<on> onwards?| and after| and beyond| \+)?(?: [:=-])?"),
    ("on_day", r"on|for|the|days?|first|today",
     r"(?:on |for )?(?:the )?(?:days? (?P<first>\d{1,2}|one)(?: (?:-|to|through|and) (?:day )?"
     r"(?P<last>\d{1,2}))?|first day|today(?= ,| then| followed|$)|today)(?: :)?"),
    ("weekdays", r"once|except|but|on|every|each|mon.*|tue.*|wed.*|weds|thu.*|fri.*|sat.*|sun.*",
     rf"(?:once )?(?P<but>except (?:for )?|but not )?(?P<on>on |every |each |q )?(?P<days>{DAY}(?: (?:, )?(?:"
     rf"(?:and|or|/|&|,|\+|-|to|through|thru) )?(?:on )?{DAY})*)(?: (?:only|each week|every week|of each week|"
     rf"weekly))?"),
    ("weekdays", r"on|every|q|m|tu|tue|w|we|th|f|fr|sa|su|\(",
     rf"(?:on |every |q )?(?P<days>{LETTER}(?: (?:[,/&-]|and|, and) {LETTER})+)(?: (?:only|each week|every week|"
     rf"weekly))?"),
    ("word", r"start.*|commenc.*|begin.*|from|until|till|on",
     r"(?:starting|start|commencing|commence|beginning|begin|from|until|till|on)(?: on)? \d{1,2} [/.-] \d{1,2}(?:"
     r" [/.-] \d{2,4})?"),
    ("alternate", r"every|each|alternate|on|q",
     r"(?:on )?(?:(?:every|each|q) (?:other|second|2 nd|alternate)|alternate) (?P<when>nights?|mornings?|evenings?|"
     r"bedtime)"),
    ("start", r"start.*|commenc.*|begin.*|from",
     r"(?:starting|start|commencing|commence|beginning|begin|from) (?:on )?(?P<when>today"
     r"|tomorrow|\d{4} - \d\d - \d\d)"),
    ("again", r"x", r"x (?P<many>\d{1,3})"),
    ("word", r"d|i", r"d / c|i / d"),
    ("watered", r"mix.*|dissolve.*|dilute.*|stirred|in|with", WATERED),
    ("by_whom", r"as|directed|instructed|advised|prescribed|told",
     rf"(?:as )?(?:directed|instructed|advised|prescribed|told) (?P<by>(?:by|on|in|per) (?:the |your |a |my |our )?"
     rf"(?:[a-z]+ ){{0,2}}?{WHO}(?: (?:clinic|team|insert|instructions|directions|label))?)"),
    ("night_on", r"on", r"on(?=$| (?:for|x|\d|prn|pc|ac|cc|max|mitte|disp|#|rpt|,|\.))"),
    ("phrase", "", r"\S+"),
    ("packed", "#",
     rf"(?P<many>{NUMBER})(?: x| of| \( {NUMBER} \)|(?P<dash> -))? (?P<size>{DIGITS}) (?P<mass>{MASS}) "
     rf"(?P<unit>{UNIT})"),
    ("dose", "#",
     rf"(?P<low>{NUMBER})(?: {COUNTED}(?P<unit>{UNIT}))? {SPAN} "
     rf"(?P<high>{NUMBER}) {COUNTED}(?P<unit2>{UNIT})"),
    ("dose", r"at|a|no|not|min.*|about|around|approx.*|roughly|circa|~|up",
     rf"(?:(?P<at_least>{LEAST})|(?P<about>{ABOUT})|(?P<up_to>up to|at most|a maximum of)) (?P<low>{NUMBER})(?:"
     rf" (?:-|to|or) (?P<high>{NUMBER}))?"
     rf"(?: {COUNTED}(?P<unit>{UNIT}))?(?! (?:{LONG}|times?|x|am|pm|%|st|nd|rd|th)(?: |$))"),
    ("dose", "#",
     rf"(?P<low>{NUMBER})(?: {SPAN} (?P<high>{NUMBER}))?(?: \( \w+ \))?(?: {COUNTED}"
     rf"(?P<unit>{UNIT})|(?! (?:{LONG}|times?|x(?! \d)|am|pm|%|/|1 / 2|st|nd|rd|th)(?: |$)))(?: (?:\(|=|or) (?:total"
     rf" dose |= )?(?P<other>{NUMBER}) (?P<other_unit>{UNIT})"
     rf"(?: total)?(?: \))?)?"),
    ("dose", r"an?|another", rf"(?P<low>an?|another) {COUNTED}(?P<unit>{UNIT})"),
    ("onset", r"at|with|on", rf"{ONSET}"),
    ("reason", r"for|due|because|to|in|if|when", rf"(?P<because>{FOR}|{IF})"),
    ("clause", r"do|don't|dont|does|not|never|avoid|unless|except|if|until|till|when.*|while|whilst|hold|withhold|omit"
     r"|skip|stop|discontinue|cease|but|instead|should|must|repeat|may|can"
     r"|(?:reduc|decreas|taper|wean|lower|increas|titrat|adjust|alternat).*",
     rf"{CLAUSE}(?:(?! ,? ?(?:max|maximum|no more than|not more than|do not exceed|up to|then)"
     rf"(?: |$)) [^.;\s]\S*)*"),
    ("word", "", r"\S+"),
]  # fmt: skip


@cache
def shapes() -> list[tuple[str, re.Pattern[str], re.Pattern[str]]]:
    """Made ready when directions are read for the first time: a tenth of a second that no start has to wait for."""
    return [
        (name, FIRST if first == "#" else re.compile(first or r"\S+"), re.compile(f"(?:{look})(?= |$)"))
        for name, first, look in _SHAPES
    ]


@lru_cache(4096)
def shapes_of(word: str) -> list[tuple[str, re.Pattern[str]]]:
    """The shapes that a piece with this first word may have: most are ruled out by it."""
    return [
        (name, look)
        for name, first, look in shapes()
        if first.fullmatch(word) and (name != "phrase" or word in lexicon())
    ]
