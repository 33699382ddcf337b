"""At least, at most, about: kept and shown; nothing exact is made of them, and nothing else is shown than was typed."""

import pytest

from galen.prescribing.directions import LANGUAGES, compiled, daily, read, say, supply_of


@pytest.mark.parametrize(
    "written, words",
    [
        ("2 tablets three times a day for at least 5 days", "Take 2 tablets 3 times a day for at least 5 days."),
        ("1 tab bd for a minimum of 2 weeks", "Take 1 tablet 2 times a day for at least 14 days."),
        ("1 tab bd minimum 7 days", "Take 1 tablet 2 times a day for at least 7 days."),
        ("1 tab bd for 7 days or more", "Take 1 tablet 2 times a day for at least 7 days."),
        ("1 tab bd for about 10 days", "Take 1 tablet 2 times a day for about 10 days."),
        ("1 tab at least three times a day", "Take 1 tablet at least 3 times a day."),
        ("1 tab at least every 6 hours", "Take 1 tablet at least every 6 hours."),
        ("1 tab about every 6 hours", "Take 1 tablet about every 6 hours."),
        ("about 5 mL tds", "Take about 5 mL 3 times a day."),
        ("take at least 2 capsules bd", "Take at least 2 capsules 2 times a day."),
        ("approximately 10 mL at night", "Take about 10 mL at night."),
    ],
)
def test_of_a_minimum_or_an_estimate_no_quantity_is_made(written: str, words: str) -> None:
    made = read(written)
    assert say(made) == words and made.complete
    for days in (None, 28):
        assert compiled(written, days=days)["quantity"] is None
    assert say(read(words)) == words
    assert all(say(made, language) != say(read(written.replace("at least ", "")), language) or "least" not in written
               for language in LANGUAGES)  # fmt: skip


@pytest.mark.parametrize(
    "written, words, quantity",
    [
        ("1 tab bd max 7 days", "Take 1 tablet 2 times a day for up to 7 days.", 14),
        ("1 tab bd for no more than 7 days", "Take 1 tablet 2 times a day for up to 7 days.", 14),
        ("1 tab bd for at most 5 days", "Take 1 tablet 2 times a day for up to 5 days.", 10),
        ("up to 2 tablets every 8 hours x 5/7", "Take up to 2 tablets every 8 hours for 5 days.", 30),
        ("1 tab at most twice a day x 5/7", "Take 1 tablet up to 2 times a day for 5 days.", 10),
    ],
)
def test_of_a_maximum_the_most_is_counted(written: str, words: str, quantity: int) -> None:
    assert (say(read(written)), compiled(written)["quantity"]) == (words, quantity)


@pytest.mark.parametrize(
    "written, words",
    [
        ("1 tab daily at least 30 minutes before food", "Take 1 tablet once a day at least 30 minutes before food."),
        ("1 tab about 1 hour before breakfast", "Take 1 tablet about 1 hour before breakfast."),
        ("1 tab 1-3 hours before bedtime", "Take 1 tablet 1 to 3 hours before bedtime."),
        ("1 tab bd 1 hour before or 2 hours after food", "Take 1 tablet 2 times a day 1 hour before or 2 hours after"
         " food."),
        ("1 tab 1 hour before the procedure", "Take 1 tablet 1 hour before the procedure."),
    ],
)  # fmt: skip
def test_the_time_before_food_is_kept_as_it_was_said(written: str, words: str) -> None:
    made = read(written)
    assert say(made) == words and made.complete and say(read(words)) == words


def test_a_minimum_is_no_daily_dose_to_check() -> None:
    assert daily(read("at least 2 tablets bd")) is None and daily(read("1 tab at least tds")) is None


@pytest.mark.parametrize(
    "written, drug, words",
    [
        ("two at night - 200mg", "trazodone 100 mg capsule", "Take 2 capsules at night. “200mg”"),
        ("2 tablets at night - 200mg", "", "Take 2 tablets at night. “200mg”"),
        ("1 - 60mg tablet every day", "fexofenadine 60 mg tablet", "Take 1 tablet (60 mg) once a day."),
        ("1 - 60mg every day", "", "Take once a day. “1 - 60mg”"),
        ("5 - 10 mg tablet daily", "", "Take once a day. “5 - 10 mg tablet”"),
        ("1 mane 20 mg nocte", "", "Take 1 in the morning and 20 mg at night."),
        ("reduce by 5 mg to 10 mg", "", "“reduce by 5 mg to 10 mg”"),
        ("20 mg daily reducing to 10 mg", "", "Take 20 mg once a day. “reducing to 10 mg”"),
        ("1 tab every blue night", "", "“1 tab every blue night”"),
        ("1 tab daily, 12 hours on 12 hours off", "", "“1 tab daily, 12 hours on 12 hours off”"),
        ("1 tab bd 5/7 then as needed", "", "Take 1 tablet 2 times a day for 5 days. “then as needed”"),
        ("1 tab bd (starting 3/4)", "", "Take 1 tablet 2 times a day. “starting 3/4”"),
        ("1 tab mane then 2 tabs daily", "", "Take 1 tablet in the morning. “2 tabs daily”"),
        ("1 tab tonight", "", "Take 1 tablet. “tonight”"),
    ],
)
def test_what_is_shown_while_half_understood_is_what_was_typed(written: str, drug: str, words: str) -> None:
    assert say(read(written, supply=supply_of(drug) if drug else None)) == words
