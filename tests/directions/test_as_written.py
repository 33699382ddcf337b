"""Directions as people write them, kind by kind: what is read, and how much it comes to."""

import pytest

from galen.prescribing.directions import compiled, read, say, supply_of


@pytest.mark.parametrize(
    "written, drug, days, words, quantity",
    [
        # routes
        ("1 tablet by oral route 2 times every day", "", 10, "Take 1 tablet by mouth 2 times a day.", 20),
        ("ORAL 1 TAB TWICE A DAY", "", 10, "Take 1 tablet by mouth 2 times a day.", 20),
        ("5 mL via PEG tube route every 6 hours", "", 3, "Give 5 mL through the feeding tube every 6 hours.", 60),
        ("1 vial via neb q6h", "salbutamol nebuliser solution", 5, "Inhale 1 vial through a nebuliser every 6"
         " hours.", 20),
        ("1 mL intramuscularly monthly", "", 90, "Inject 1 mL into a muscle once a month.", 3),
        ("1 tab under tongue bd", "", 7, "Dissolve 1 tablet under the tongue 2 times a day.", 14),
        # numbers
        ("Take one and one-half tablets daily", "", 30, "Take 1.5 tablets once a day.", 45),
        ("Take 1 half tablet daily", "", 30, "Take 0.5 tablet once a day.", 15),
        ("take three quarters of a tablet bd", "", 4, "Take 0.75 tablet 2 times a day.", 6),
        ("Take 2 (two) tablets (10 mg total) once daily", "", 30, "Take 2 tablets (10 mg) once a day.", 60),
        ("1 every 8 hours", "tramadol 50 mg tablet", 5, "Take 1 tablet every 8 hours.", 15),
        ("Take 60 mg daily", "fluoxetine 20 mg capsule", 30, "Take 60 mg once a day.", 90),
        # parts of a day
        ("2 in the morning and 1 at noon and 1 at supper", "", 30,
         "Take 2 in the morning and 1 at midday and 1 with dinner.", 120),
        ("1 tablet every morning then half tablet at night", "", 30, "Take 1 tablet in the morning and 0.5 tablet at"
         " night.", 45),
        ("1 tab twice a day, 1 in the am and 1 at 3pm", "", 30, "Take 1 tablet in the morning and at 15:00.", 60),
        ("3 tabs daily: 2 in the morning and 1 at night", "", 30, "Take 2 tablets in the morning and 1 tablet at"
         " night.", 90),
        ("1 tablet once at bedtime", "", 30, "Take 1 tablet at night.", 30),
        ("1 tab at 8 am, 12 noon and 4 pm", "", 30, "Take 1 tablet at 08:00, at 12:00 and at 16:00.", 90),
        # one moment said twice
        ("1 cap every morning before breakfast", "", 30, "Take 1 capsule before breakfast.", 30),
        ("1 tab every evening after dinner", "", 30, "Take 1 tablet after dinner.", 30),
        ("1-0-0 (before breakfast)", "", 14, "Take 1 before breakfast.", 14),
        ("1 tab in the morning at 8 am and at night", "", 30, "Take 1 tablet at 08:00 and at night.", 60),
        # meals
        ("1 tablet before meals and at bedtime", "", 30,
         "Take 1 tablet before breakfast, before lunch, before dinner and at night.", 120),
        ("1 tab qid pc & hs", "", 30, "Take 1 tablet after breakfast, after lunch, after dinner and at night.", 120),
        ("1 tab 30 minutes after the same meal each day", "", 30, "Take 1 tablet once a day 30 minutes after"
         " food.", 30),
        # days and weeks
        ("1 tab M, W, F", "", 28, "Take 1 tablet on Mondays, Wednesdays and Fridays.", 12),
        ("1 tab mon-wed-fri", "", 28, "Take 1 tablet on Mondays, Wednesdays and Fridays.", 12),
        ("1 tab Monday through Friday", "", 28, "Take 1 tablet on Mondays, Tuesdays, Wednesdays, Thursdays and"
         " Fridays.", 20),
        ("1 tab daily and two on Sundays", "warfarin 5 mg tablet", 28,
         "Take 1 tablet on Mondays, Tuesdays, Wednesdays, Thursdays, Fridays and Saturdays and 2 tablets once a week"
         " on Sundays.", 32),
        ("1 tablet three days per week and 2 tablets four days per week", "", 28,
         "Take 1 tablet 3 times a week and 2 tablets 4 times a week.", 44),
        ("week 1: 1 tab nocte. week 2: 2 tabs nocte", "", None, "Take 1 tablet at night for 7 days, then 2 tablets"
         " at night for 7 days.", 21),
        ("1 cap 5 x daily", "", 7, "Take 1 capsule 5 times a day.", 35),
        ("1 cap 2xdaily", "", 7, "Take 1 capsule 2 times a day.", 14),
        ("1 tab every other night", "", 30, "Take 1 tablet every other day at night.", 15),
        # steps
        ("1 tab daily for 1 week then increase to 1 tab bd", "", 30, "Take 1 tablet once a day for 7 days, then 1"
         " tablet 2 times a day.", 53),
        ("2 tabs daily for 7 days then continue on 1 tab daily", "", 30, "Take 2 tablets once a day for 7 days, then"
         " 1 tablet once a day.", 37),
        ("3 tabs daily, taper by 1 every 3 days", "", None,
         "Take 3 tablets once a day for 3 days, then 2 tablets once a day for 3 days, then 1 tablet once a day for 3"
         " days.", 18),
        ("1 tab qhs x 3d, bid x 3d, then tid", "", 30,
         "Take 1 tablet at night for 3 days, then 1 tablet 2 times a day for 3 days, then 1 tablet 3 times a day.", 81),
        ("6 tablets today, then 1 daily for 4 days", "", None, "Take 6 tablets once a day for 1 day, then 1 tablet"
         " once a day for 4 days.", 10),
        # reasons and conditions
        ("1 tab daily for tingling in the feet", "", 30, "Take 1 tablet once a day for tingling in the feet.", 30),
        ("1 tab bd for blood pressure over 140/90", "", 30, "Take 1 tablet 2 times a day for blood pressure over"
         " 140/90.", 60),
        ("1 tab bd if blood sugar above 15", "", 30, "Take 1 tablet 2 times a day if blood sugar above 15.", 60),
        ("1 tab tds as needed for itching or hives", "", 10, "Take 1 tablet 3 times a day when needed for itching or"
         " hives.", 30),
        ("1 tab daily as directed by the clinic", "", 30, "Take 1 tablet once a day as directed by the clinic.", 30),
        ("50 mg at onset of migraine, may repeat after 2 hours, not more than 200 mg in 24 hours", "", None,
         "Take 50 mg at onset of migraine. May be repeated after 2 hours. No more than 200 mg in 24 hours.", None),
        ("1 tab at night, may repeat after 1 hour", "", 30, "Take 1 tablet at night. May be repeated after 1"
         " hour.", None),
    ],
)  # fmt: skip
def test_what_is_read_and_how_much_it_comes_to(
    written: str, drug: str, days: int | None, words: str, quantity: int | None
) -> None:
    made = read(written, supply=supply_of(drug) if drug else None)
    assert say(made) == words and made.complete and not made.remarks
    assert compiled(written, drug, days)["quantity"] == quantity
    again = read(words, supply=supply_of(drug) if drug else None)
    assert (say(again), again.unknown) == (words, [])


@pytest.mark.parametrize(
    "written, remark",
    [
        ("1 tab daily mood", "mood"),
        ("1 tab daily dx e11.9", "dx e11.9"),
        ("1 tab daily (hypertension)", "hypertension"),
        ("1 tab daily - replaces ramipril", "replaces ramipril"),
        ("1 tab daily. home delivery", "home delivery"),
    ],
)
def test_a_remark_behind_directions_is_shown_and_not_called_understood(written: str, remark: str) -> None:
    made, found = read(written), compiled(written, days=30)
    assert made.complete and made.remarks == [remark] and not made.unknown
    assert say(made) == f"Take 1 tablet once a day. “{remark}”"
    assert (found["quantity"], found["unknown"], found["complete"]) == (30, [remark], False)
    assert any(remark in notice.sentence for notice in made.notices)


@pytest.mark.parametrize(
    "written",
    [
        "1 tab daily 5", "1 tab daily dialy", "1 tab daily mornign", "1 tab daily not more", "1 tab daily skip"
        " weekends",
        "1 tab daily twice", "1 tab daily extra if sore", "1 tab daily kg", "1 tab daily zqx", "1 tab daily tablets",
        "1 tab daily increase", "1 tab daily week", "1 tab mood", "strange 1 tab daily", "1 tab daily two sprays",
    ],
)  # fmt: skip
def test_what_may_say_a_dose_a_time_or_a_condition_is_no_remark(written: str) -> None:
    made = read(written)
    assert made.unknown and not made.complete and not made.remarks
    assert compiled(written, days=30)["quantity"] is None


@pytest.mark.parametrize(
    "written",
    [
        "1 tab bd if worse take 2 tabs", "1 tab daily for 2 or 3 more", "1 tab tds for pain not relieved by"
        " paracetamol",
        "1 tab bd for fever unless vomiting", "1 tab daily when needed every blue moon",
        "1 tab stat and sos for fever",
        "1 tab bd and 2 in the evening", "3 tablets 3 times a day with meals and 2 with snacks",
        "1 tab daily for 21 days then 7 days off", "1 tab bd alternating with 2 tabs bd",
    ],
)  # fmt: skip
def test_what_may_mean_more_than_one_thing_is_not_counted(written: str) -> None:
    assert not read(written).complete and compiled(written, days=30)["quantity"] is None
