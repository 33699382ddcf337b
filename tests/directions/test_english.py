"""What prescribers write, and what the patient reads."""

import pytest

from galen.prescribing.directions import Often, read, say


@pytest.mark.parametrize(
    "written, words",
    [
        ("1 tab po bd", "Take 1 tablet by mouth 2 times a day."),
        (
            "1–2 tabs q4–6h prn, max 8/24h",
            "Take 1 to 2 tablets every 4 to 6 hours when needed. No more than 8 tablets in 24 hours.",
        ),
        ("2 puffs bd", "Inhale 2 puffs 2 times a day."),
        ("10 units sc nocte", "Inject 10 units under the skin at night."),
        ("1 gtt both eyes bd", "Put 1 drop into both eyes 2 times a day."),
        ("TWO SPRAYS each nostril daily", "Spray 2 sprays into each nostril once a day."),
        ("apply top bd to affected area", "Apply to the affected area 2 times a day."),
        ("ii caps TDS pc x7d", "Take 2 capsules 3 times a day after food for 7 days."),
        ("500mg QID 2/52", "Take 500 mg 4 times a day for 14 days."),
        ("1 tab mane and nocte 5/7", "Take 1 tablet in the morning and at night for 5 days."),
        ("1 tab mane, midday and nocte", "Take 1 tablet in the morning, at midday and at night."),
        ("1 tab daily at night", "Take 1 tablet at night."),
        ("10 mg once weekly", "Take 10 mg once a week."),
        ("1 tab weekly nocte", "Take 1 tablet once a week at night."),
        ("½ tab nocte", "Take 0.5 tablet at night."),
        ("1 1/2 tabs bd", "Take 1.5 tablets 2 times a day."),
        ("half a tab alt die", "Take 0.5 tablet every other day."),
        ("1000 mg po q8h", "Take 1,000 mg by mouth every 8 hours."),
        ("1 tab b.d. p.c.", "Take 1 tablet 2 times a day after food."),
        ("1 tab stat", "Take 1 tablet at once as a single dose."),
        ("1 patch q72h", "Apply 1 patch every 72 hours."),
        ("1 tab po 4 hourly if required", "Take 1 tablet by mouth every 4 hours when needed."),
        ("1 tab every 2 days for 2 weeks NR", "Take 1 tablet every other day for 14 days."),
        ("1 tab sl prn chest pain", "Dissolve 1 tablet under the tongue when needed for chest pain."),
        (
            "1 tab prn for pain max 4 daily",
            "Take 1 tablet when needed for pain. No more than 4 tablets in 24 hours.",
        ),
        (
            "500 mg q6h prn max 4 g/24h",
            "Take 500 mg every 6 hours when needed. No more than 4,000 mg in 24 hours.",
        ),
        ("1 tab daily for 1/7", "Take 1 tablet once a day for 1 day."),
        ("1 tab daily 3/12", "Take 1 tablet once a day for 90 days."),
        ("1 tab daily for headache", "Take 1 tablet once a day for headache."),
        ("2,500 mg bd", "Take 2,500 mg 2 times a day."),
        ("mdu", "Take as directed."),
        (
            "Take 1 tablet (500 mg total) by mouth 2 (two) times daily.",
            "Take 1 tablet (500 mg) by mouth 2 times a day.",
        ),
        (
            "Take two (2) tablets every 4 (four) hours as needed for Pain",
            "Take 2 tablets every 4 hours when needed for pain.",
        ),
        ("2 on the first day then 1 daily for 4 days", "Take 2 once a day for 1 day, then 1 once a day for 4 days."),
        ("1 tab x 3 daily", "Take 1 tablet 3 times a day."),
        ("Use as directed", "Use as directed."),
        ("T PO BID", "Take 1 by mouth 2 times a day."),
        ("5ml qid", "Take 5 mL 4 times a day."),
        ("2 puffs q4h", "Inhale 2 puffs every 4 hours."),
        ("8mg od 3/7 then 4mg od 3/7", "Take 8 mg once a day for 3 days, then 4 mg once a day for 3 days."),
        ("Take one tablet by mouth twice daily for 7 days", "Take 1 tablet by mouth 2 times a day for 7 days."),
        ("Take 2 tablets (1000 mg) every 6 hours as needed", "Take 2 tablets (1,000 mg) every 6 hours when needed."),
        ("2 x 500mg tablets qid", "Take 2 tablets (1,000 mg) 4 times a day."),
        ("1 tablet(s) orally two times a day", "Take 1 tablet by mouth 2 times a day."),
        ("1-0-2 tab x 7/7", "Take 1 tablet in the morning and 2 tablets at night for 7 days."),
        ("1-1-1", "Take 1 in the morning, at midday and at night."),
        ("1½ tabs bd", "Take 1.5 tablets 2 times a day."),
        ("one to two tablets q8h", "Take 1 to 2 tablets every 8 hours."),
        ("1 tab mane 2 tabs nocte", "Take 1 tablet in the morning and 2 tablets at night."),
        ("10 mg once a week on Mondays", "Take 10 mg once a week on Mondays."),
        (
            "5 mg Mon Wed Fri, else 2.5 mg",
            "Take 5 mg on Mondays, Wednesdays and Fridays and 2.5 mg on Tuesdays, Thursdays, Saturdays and Sundays.",
        ),
        (
            "1 tab daily except Sundays",
            "Take 1 tablet on Mondays, Tuesdays, Wednesdays, Thursdays, Fridays and Saturdays.",
        ),
        (
            "500 mg on day 1 then 250 mg on days 2-5",
            "Take 500 mg once a day for 1 day, then 250 mg once a day for 4 days.",
        ),
        (
            "2 tabs stat then 1 daily for 4 days",
            "Take 2 tablets at once as a single dose, then 1 tablet once a day for 4 days.",
        ),
        (
            "15 mg od, reduce by 5 mg every 3 days",
            "Take 15 mg once a day for 3 days, then 10 mg once a day for 3 days, then 5 mg once a day for 3 days.",
        ),
        (
            "20 mg od for 5 days then reduce by 5 mg every week to 10 mg",
            "Take 20 mg once a day for 5 days, then 15 mg once a day for 7 days, then 10 mg once a day.",
        ),
        ("1 tab up to tds prn", "Take 1 tablet up to 3 times a day when needed."),
        ("1 tab 30 minutes before breakfast", "Take 1 tablet 30 minutes before breakfast."),
        ("1 cap bd 1 hour before food", "Take 1 capsule 2 times a day 1 hour before food."),
        ("1 tab at 8am and 8pm", "Take 1 tablet at 08:00 and at 20:00."),
        ("1 tab bd until finished", "Take 1 tablet 2 times a day. Finish the course."),
        ("2.5 mL qid for up to 3 days", "Take 2.5 mL 4 times a day for up to 3 days."),
        ("1 tab bd for 5-7 days", "Take 1 tablet 2 times a day for 5 to 7 days."),
        ("1 tab 6/24 prn", "Take 1 tablet every 6 hours when needed."),
        ("1 tab bd starting tomorrow", "Take 1 tablet 2 times a day starting tomorrow."),
        (
            "1 tab prn after each loose stool, not more than 8 in 24 hours",
            "Take 1 tablet after each loose motion when needed. No more than 8 tablets in 24 hours.",
        ),
        ("1 tab bd, swallow whole, do not drink alcohol", "Take 1 tablet 2 times a day. Swallow whole. Avoid alcohol."),
        ("apply thinly bd to affected area", "Apply to the affected area 2 times a day. Use a thin layer."),
    ],
)
def test_a_patient_reads_plain_english(written: str, words: str) -> None:
    made = read(written)
    assert say(made) == words
    assert made.complete and made.unknown == []


@pytest.mark.parametrize(
    "written, words, unknown",
    [
        ("1 tab tds zqx", "Take 1 tablet 3 times a day. “zqx”", ["zqx"]),
        ("1 tab tds Zqx", "Take 1 tablet 3 times a day. “Zqx”", ["Zqx"]),
        ("1 tab daily then 2 tabs nocte", "Take 1 tablet once a day. “then 2 tabs nocte”", ["then 2 tabs nocte"]),
        (
            "1 tab daily for 21 days then 7 days off",
            "Take 1 tablet once a day for 21 days. “then 7 days off”",
            ["then 7 days off"],
        ),
        (
            "1 tab sl q5min prn max 3 doses",
            "Dissolve 1 tablet under the tongue every 5 minutes when needed. “max 3 doses”",
            ["max 3 doses"],
        ),
        ("1 tab bd tds", "Take 1 tablet 2 times a day. “tds”", ["tds"]),
        ("1 tab po sl bd", "Take 1 tablet by mouth 2 times a day. “sl”", ["sl"]),
        ("2-1 tabs bd", "Take 2 times a day. “2-1 tabs”", ["2-1 tabs"]),
        ("1/3 tab bd", "Take 2 times a day. “1/3 tab”", ["1/3 tab"]),
        ("0.00001 mg bd", "Take 2 times a day. “0.00001 mg”", ["0.00001 mg"]),
        ("1.2.3 mg bd", "Take 2 times a day. “1.2.3” “mg”", ["1.2.3", "mg"]),
        ("0 tabs bd", "Take 2 times a day. “0 tabs”", ["0 tabs"]),
        ("1 tab q4h nocte", "Take 1 tablet every 4 hours. “nocte”", ["nocte"]),
        ("1 tab tds mane", "Take 1 tablet 3 times a day. “mane”", ["mane"]),
        ("1 tab bd max 0/24h", "Take 1 tablet 2 times a day. “max 0/24h”", ["max 0/24h"]),
        ("1 tab q6-4h", "Take 1 tablet. “q6-4h”", ["q6-4h"]),
        ("15 mg/kg q6h", "Take 15 mg every 6 hours. “/” “kg”", ["/", "kg"]),
        (
            "1 tab daily. Do not take with grapefruit juice",
            "Take 1 tablet once a day. “Do not take with grapefruit juice”",
            ["Do not take with grapefruit juice"],
        ),
        ("1 tab bd unless dizzy", "Take 1 tablet 2 times a day. “unless dizzy”", ["unless dizzy"]),
        (
            "1 tab bd, if worse take 2 tabs",
            "Take 1 tablet 2 times a day. “if worse take 2 tabs”",
            ["if worse take 2 tabs"],
        ),
        (
            "25 mg daily, increase by 25 mg every week",
            "Take 25 mg once a day. “increase by 25 mg every week”",
            ["increase by 25 mg every week"],
        ),
        ("1 drop left eye right eye bd", "Put 1 drop into the left eye 2 times a day. “right eye”", ["right eye"]),
    ],
)
def test_what_is_not_understood_is_handed_back_and_stops_the_signature(
    written: str, words: str, unknown: list[str]
) -> None:
    made = read(written)
    assert (say(made), made.unknown, made.complete) == (words, unknown, False)


@pytest.mark.parametrize("written", ["", "1 tab", "bd", "take", "po", "max 8", "for 7 days"])
def test_directions_without_dose_or_frequency_are_not_complete(written: str) -> None:
    assert not read(written).complete


def test_every_part_has_its_place() -> None:
    made = read("1-2 tabs po tds pc prn for pain max 6/24h 5/7 mitte 30 rpt 2")
    (dose,) = made.doses
    assert (dose.low, dose.high, dose.unit, dose.most, dose.days) == (1, 2, "tablet", 6, 5)
    assert (dose.needed, dose.reason, dose.food, dose.directed, dose.route) == (
        True,
        "pain",
        "after food",
        False,
        "oral",
    )
    assert dose.often == Often(3, 3) and (made.quantity, made.repeats) == (30, 2)
    assert read("1 tab bd nr").repeats == 0


def test_steps_beside_each_other_are_not_steps_after_each_other() -> None:
    assert [len(step) for step in read("1 mane 2 nocte 5/7 then 1 nocte 5/7").steps] == [2, 1]


def test_a_later_step_takes_over_what_it_does_not_say() -> None:
    first, second = read("40 mg po od for 5 days, then 20 for 5 days").doses
    assert (second.unit, second.route, second.often, second.days) == ("mg", "oral", first.often, 5)
