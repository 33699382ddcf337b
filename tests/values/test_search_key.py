import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.values.search_key import likeness, rank, search_key, sounds_like


@pytest.mark.parametrize(
    "name, key",
    [
        ("  Mara   ILL ", "mara ill"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("D´Angelo", "dangelo"),
        ("Smith-Jones", "smithjones"),
        ("Smith–Jones", "smithjones"),
        ("St. John", "st john"),
        ("Nguyễn Văn Đạt", "nguyen van dat"),
        ("Weiß", "weiss"),
        ("STRASSE", "strasse"),
        ("Søren Ærø", "soren aero"),
        ("Łukasz", "lukasz"),
        ("Þór", "thor"),
        ("İpek Işık", "ipek isik"),
        ("Zoë\u0308", "zoe"),
        ("José", "jose"),
        ("Mara (Molly), Ill", "mara molly ill"),
        ("X", "x"),
        ("", ""),
        ("'-.", ""),
        ("Иван Йорк", "иван иорк"),
        ("王小明", "王小明"),
        ("がくと", "がくと"),
        ("김민준", "김민준"),
        ("विष्णु", "विष्णु"),
        ("محمد", "محمد"),
        ("Ｍａｒａ", "mara"),
        ("Agent 007", "agent 007"),
    ],
)
def test_a_name_is_found_however_it_is_written(name: str, key: str) -> None:
    assert search_key(name) == key


@given(st.text(max_size=30))
def test_the_key_of_a_key_is_itself(name: str) -> None:
    key = search_key(name)
    assert search_key(key) == key
    assert key == key.strip() and "  " not in key


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_the_short_way_of_plain_letters_says_what_the_long_one_says(name: str) -> None:
    assert search_key(name) == search_key(f"{name} é").removesuffix("e").rstrip()


@given(st.text("abcdefghijklmnopqrstuvwxyzéüñøł '-", max_size=20))
def test_capitals_make_no_difference(name: str) -> None:
    assert search_key(name.upper()) == search_key(name)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Catherine", "Katherine"),
        ("Smith", "Smyth"),
        ("Jon", "John"),
        ("Stephen", "Steffen"),
        ("Mara Ill", "mara   ILL"),
        ("José", "Jose"),
        ("Philips", "Phillips"),
    ],
)
def test_names_that_sound_alike_share_a_key(one: str, other: str) -> None:
    assert sounds_like(one) == sounds_like(other)


@pytest.mark.parametrize(
    "one, other", [("Mara", "Ben"), ("王", "李"), ("Иван", "Олег"), ("Smith", "Jones"), ("3", "4")]
)
def test_names_that_sound_different_do_not(one: str, other: str) -> None:
    assert sounds_like(one) != sounds_like(other)


@given(st.text(max_size=30))
def test_every_word_of_a_name_has_a_sound(name: str) -> None:
    assert len(sounds_like(name).split()) == len(search_key(name).split())


def test_the_likest_name_comes_first() -> None:
    names = ["Ben Miller", "Jonathan Smithers", "Smith Jon", "John Smyth", "Jon Smith", "Mara Ill"]
    ranked = [name for name, _ in rank("jon smith", names)]
    assert ranked == ["Jon Smith", "Smith Jon", "Jonathan Smithers", "John Smyth", "Ben Miller", "Mara Ill"]


@pytest.mark.parametrize(
    "query, name, at_least, below",
    [
        ("mara", "Mara Ill", 1.0, 1.1),
        ("ma", "Mara Ill", 0.95, 1.0),
        ("kathrine", "Catherine", 0.9, 1.0),
        ("amoxlcilin", "Amoxicillin", 0.9, 0.95),
        ("mara", "Ben", 0.0, 0.6),
        ("", "Ben", 0.0, 0.1),
        ("ben", "", 0.0, 0.1),
    ],
)
def test_likeness_tells_a_slip_from_a_stranger(query: str, name: str, at_least: float, below: float) -> None:
    assert at_least <= likeness(query, name) < below


@given(st.lists(st.text(max_size=12), max_size=8), st.text(max_size=8))
def test_ranking_keeps_every_name_and_falls_from_one_to_nought(names: list[str], query: str) -> None:
    ranked = rank(query, names)
    scores = [score for _, score in ranked]
    assert sorted(name for name, _ in ranked) == sorted(names)
    assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)
