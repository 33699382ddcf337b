"""What a piece of the row of words may look like, in the order in which it is tried. Words stand apart by one space."""

from __future__ import annotations

import re

from .numbers import DIGITS, NUMBER, WHOLE
from .vocabulary import keys, units

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
RANGE = r"(?:-|to|or|and)"
EVERY_DAY = r"(?:daily|a day|per day|each day|every day|in a day|in the day|/ day|/ d|/ 24 h|in 24 hours|d)"
EVERY_WEEK = r"(?:weekly|a week|per week|each week|every week|/ week|in a week)"
EVERY_MONTH = r"(?:monthly|a month|per month|each month|every month|/ month)"
WITHIN = (
    r"(?:(?:/|per|in|a|in a|in any|within|within any|each|every|over) (?:(?P<within>\d{1,3}) )?(?:-? )?"
    r"(?P<span>hours?|hrs?|hr|h|hourly|days?|d|weeks?|wk|24)(?: period)?|(?P<daily>daily|/ day))"
)
FOR = (
    r"(?:for(?: the)?(?: relief of| treatment of| management of| control of| symptoms of)?|due to|because of"
    r"|to (?:treat|relieve|control|help|help with|prevent|reduce|aid|ease)|in case of|at "
    r"(?:the )?(?:first sign|onset) of)"
)
IF = r"(?:if(?: in| there is| you have| having)?|when(?: in| there is| you have| having)?)"
CLAUSE = (
    r"(?:do not|don't|dont|does not|not|never|avoid|unless|except|if|until|till|when|whenever"
    r"|while|whilst|hold|withhold|omit|skip"
    r"|stop|discontinue|cease|but|instead|should|must|repeat|may|can)"
)

SHAPES: list[tuple[str, re.Pattern[str]]] = [
    (name, re.compile(pattern + r"(?= |$)"))
    for name, pattern in (
        ("gap", r"[,;:().\[\]*'-]"),
        ("word", rf"(?:(?:then|and|followed by) )?{WHOLE} (?:days?|weeks?)(?: -)? (?:off|on|break|free|without)"),
        ("grid", rf"(?P<first>\d|{DIGITS}|1 / 2) (?P<sign>[-+]) (?P<second>\d|{DIGITS}|1 / 2) (?P=sign) "
            rf"(?P<third>\d|{DIGITS}|1 / 2)"
                 rf"(?: (?P=sign) (?P<fourth>\d|{DIGITS}|1 / 2))?(?: {COUNTED}(?P<unit>{UNIT}))?"),
        ("change", rf"(?:then )?(?P<way>reduc\w*|decreas\w*|taper\w*|wean\w*|lower\w*|increas\w*)(?: the)?"
            rf"(?: dose)?(?: down| up)? by"
                   rf" (?P<by>{NUMBER})(?: (?P<unit>{UNIT}))? (?:(?:every|each|per)(?: (?P<many>{WHOLE}))? "
            rf"(?P<of>/ 7|/ 52|days?|d|weeks?|wks?|wk|other day|2nd day)"
                   rf"|(?P<each>daily|weekly))(?:(?: ,)?(?: then| and then| and)? (?:(?P<end>until (?:finished"
            rf"|off|zero|0|stopped|completed?|gone|nil)"
                   rf"|(?:down )?to (?:zero|0|nil)|stop|off|cease)|(?:down to|up to|to a max(?:imum)? of"
            rf"|until reaching|until|to|max(?:imum)?(?: of)?) (?P<target>{NUMBER})(?: "
            rf"(?P<target_unit>{UNIT}))?))?"),
        ("most", rf"(?:(?:to a |up to a |with a )?(?:max|maximum|mdd)(?: daily)?(?: dose| daily)?(?: is| of"
            rf"| :| \.| =)?|(?:do )?not (?:to )?(?:take |use |give |be )?(?:more than|exceed)"
                 rf"|(?:do not|don't|not to) exceed|no more than|never more than|limit(?: to)?|up to"
            rf"(?= {NUMBER} (?:{UNIT}) (?:a|per|/|in|daily|each|every)))"
                 rf" (?P<most>{NUMBER})(?: {COUNTED}(?P<unit>{UNIT}|times?|x)(?! of))?(?: {WITHIN})?"),
        ("days", r"(?:for |x )?(?P<up>up to )?(?:(?P<low>\d{1,3}) - )?(?P<many>\d{1,4}) / (?P<of>7|52|12)"
            r"(?! /)(?: only)?"),
        ("days", rf"(?:(?:for|x|over|duration|continue for) (?P<up>up to |a maximum of |max )?(?:at least "
            rf"|the next |the first |a course of |a total of |another |: )?)(?:"
            rf"(?P<low>{WHOLE}) {RANGE} )?(?P<many>{WHOLE}|a|an|one)"
                 rf" (?:full |more |consecutive )?(?P<of>{LENGTH}|fortnight)(?: only| course| in total"
            rf"| total)?"),
        ("days", r"(?:for )?(?:a )?(?P<many>\d{1,3})(?: -)? (?P<of>days?|d|weeks?|wks?|months?|mths?"
            r"|nights?)(?! (?:a|per|each|every|out|before|after|apart|on|off))(?: course| supply"
            r"| only)?"),
        ("often_every", rf"(?:once )?(?:q|every|each) (?:(?:q )?(?P<low>{WHOLE})(?: (?P<of1>{PERIOD}))? (?:-|to"
            rf"|or) (?:q )?)?(?P<many>{WHOLE}) (?:(?:st|nd|rd|th) )?(?P<of>{PERIOD}|/ 24)"),
        ("often_every", r"(?:q )?(?:(?P<low>\d{1,3}) (?:-|to) )?(?P<many>\d{1,3})(?: -)? (?P<of>hourly|hrly|weekly"
            r"|monthly|minutely)"),
        ("often_every", r"(?P<many>1|2|3|4|6|8|12) (?P<of>/ 24)"),
        ("often_every", r"(?P<many>two|three|four|six|eight|twelve)(?: -)? (?P<of>hourly|monthly)"),
        ("often_times", rf"x (?P<many>{WHOLE}) (?P<day>{EVERY_DAY})"),
        ("often_times", rf"(?P<up>up to |at most |a maximum of )?(?:(?P<low>once|{WHOLE})(?: times)? {RANGE} )?(?:"
            rf"(?P<count>once|twice|thrice)|(?P<many>{WHOLE}) (?:times|time|x))"
                        rf" (?:(?P<day>{EVERY_DAY})|(?P<week>{EVERY_WEEK})|(?P<month>{EVERY_MONTH})|every (?:"
            rf"(?P<every>{WHOLE}) )?(?P<of>{PERIOD}|other day))"),
        ("often_times", r"(?P<up>up to )(?P<latin>bd|bid|tds|tid|qid|qds|daily|od)"),
        ("often_times", rf"(?P<many>[2-6]|two|three|four|five|six) days (?P<week>{EVERY_WEEK})"),
        ("lead", rf"(?:at least |about |approximately )?(?P<many>{WHOLE}|an?|half an|1 / 2)(?: - {WHOLE})? "
            rf"(?P<of>minutes?|mins?|hours?|hrs?|hr|h) (?P<side>before|prior to|after) (?P<what>food"
            rf"|meals?|eating|each meal|a meal|every meal|breakfast|lunch|dinner|bed|bedtime)"),
        ("clock", r"(?:at |@ )?(?P<hour>1[0-2]|0?[1-9])(?: : (?P<minute>[0-5]\d))? (?P<half>am|pm)"),
        ("clock", r"(?:at |@ )?(?P<hour>[01]?\d|2[0-3]) : (?P<minute>[0-5]\d)(?: (?:h|hrs|hours))?"),
        ("clock", r"at (?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?: (?:h|hrs|hours))?"),
        ("quantity", rf"(?:mitte|disp|dispense|qty|quantity|supply|send|#)(?: (?:of|:|\.|=|#|x))* "
            rf"(?P<many>{DIGITS})(?: (?P<unit>{UNIT}|op))?(?: \( \w+ \))?"),
        ("repeats", r"(?:rpts?|repeats?|refills?|rf)(?: (?::|x|\.|=|#))* (?P<many>\d{1,2}|zero|none|nil)"
            r"(?: times)?|(?P<count>\d{1,2}) (?:rpts?|repeats?|refills?)|(?:nr|no repeats?|no refills?"
            r"|nil repeats?)"),
        ("on_day", r"(?:on |for )?(?:the )?(?:days? (?P<first>\d{1,2})(?: (?:-|to|through|and) (?:day )?"
            r"(?P<last>\d{1,2}))?|first day)"),
        ("weekdays", rf"(?:once )?(?P<but>except |but not )?(?:on |every |each )?(?P<days>{DAY}(?: (?:, )?(?:"
            rf"(?:and|or|/|&|,|\+|-) )?(?:on )?{DAY})*)(?: (?:only|each week|every week|of each week))?"),
        ("start", r"(?:starting|start|commencing|commence|beginning|begin|from) (?:on )?(?P<when>today"
            r"|tomorrow|\d{4} - \d\d - \d\d)"),
        ("again", r"x (?P<many>\d{1,3})"),
        ("word", r"d / c|i / d|(?:ac|pc|(?:before|after|with)(?: each| every)? (?:meals?|food)) (?:and|&"
            r"|\+) (?:hs|qhs|nocte|(?:at )?bedtime|at night)"),
        ("night_on", r"on(?=$| (?:for|x|\d|prn|pc|ac|cc|max|mitte|disp|#|rpt|,|\.))"),
        ("phrase", r"\S+"),
        ("packed", rf"(?P<many>{NUMBER})(?: x| of| \( {NUMBER} \))? (?P<size>{DIGITS}) (?P<mass>{MASS}) "
            rf"(?P<unit>{UNIT})"),
        ("dose", rf"(?P<low>{NUMBER})(?: {COUNTED}(?P<unit>{UNIT}))? (?:-|to|or) "
            rf"(?P<high>{NUMBER}) {COUNTED}(?P<unit2>{UNIT})"),
        ("dose", rf"(?P<low>{NUMBER})(?: (?:-|to|or) (?P<high>{NUMBER}))?(?: \( \w+ \))?(?: {COUNTED}"
            rf"(?P<unit>{UNIT}))?(?: (?:\(|=|or) (?:= )?(?P<other>{NUMBER}) (?P<other_unit>{UNIT})"
            rf"(?: total)?(?: \))?)?"),
        ("dose", rf"(?P<low>an?|another) {COUNTED}(?P<unit>{UNIT})"),
        ("reason", rf"(?P<because>{FOR}|{IF})"),
        ("clause", rf"{CLAUSE}(?:(?! ,? ?(?:max|maximum|no more than|not more than|do not exceed|up to|then)"
            rf"(?: |$)) [^.;\s]\S*)*"),
        ("word", r"\S+"),
    )
]  # fmt: skip
