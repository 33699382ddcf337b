"""The parts of a note, what is put into them, and the placeholders of templates."""

import pytest

from galen.encounters.note_text import PLACEHOLDERS, filled, merged, parts, unknown_placeholders


@pytest.mark.parametrize(
    ("typed", "added", "becomes"),
    [
        ("", "Plan:\n- rest", "Plan:\n- rest"),
        ("Cough.", "Plan:\n- rest", "Cough.\n\nPlan:\n- rest"),
        ("Plan:\n- water", "Plan:\n- rest", "Plan:\n- water\n- rest"),
        ("plan :\n- water", "Plan:\n- rest", "plan :\n- water\n- rest"),
        ("Plan:", "Plan:\n- rest", "Plan:\n- rest"),
        ("Plan:\n- rest", "Plan:\n- rest", "Plan:\n- rest"),  # once is enough
        ("Plan:\n- rest at home", "Plan:\n- rest", "Plan:\n- rest at home\n- rest"),
        ("Plan:\n- water", "Come back if worse.", "Plan:\n- water\nCome back if worse."),
        ("Cough.\n\nPlan:\n- water", "Seen today.\n\nPlan:\n- rest", "Cough.\nSeen today.\n\nPlan:\n- water\n- rest"),
        ("BP: 120/80\nPlan:\n- water", "Plan:\n- rest", "BP: 120/80\n\nPlan:\n- water\n- rest"),
        (
            "History:\nCough\n\nPlan:\n- water",
            "History:\nNo fever\nExamination:\nClear",
            "History:\nCough\nNo fever\n\nPlan:\n- water\n\nExamination:\nClear",
        ),
        ("Cough.", "", "Cough."),
        (
            "  indented stays\n\n\nand so does this",
            "Plan:\n- rest",
            "  indented stays\n\n\nand so does this\n\nPlan:\n- rest",
        ),
    ],
)
def test_what_is_added_goes_below_its_heading_and_nothing_typed_is_lost(typed: str, added: str, becomes: str) -> None:
    assert merged(typed, added) == becomes
    for line in filter(str.strip, typed.splitlines()):
        assert line.strip() in becomes


def test_adding_again_changes_nothing() -> None:
    once = merged("Cough.", "History:\nA\n\nPlan:\n- rest\n- water")
    assert merged(once, "History:\nA\n\nPlan:\n- rest\n- water") == once


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("Plan:", True),
        ("Past history:", True),
        ("BP: 120", False),
        ("12:", False),
        ("x" * 41 + ":", False),
        (":", False),
    ],
)
def test_a_heading_is_a_short_line_of_its_own_that_ends_in_a_colon(line: str, heading: bool) -> None:
    assert (parts(line)[-1].heading == line) is heading


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert (
        filled("{patient}, {age} {nothing} {", {"patient": "{age}", "age": "5 years"}) == "{age}, 5 years {nothing} {"
    )


def test_what_is_no_placeholder_is_named_once() -> None:
    assert unknown_placeholders("{patient} {bp} {vitals} {bp} {} {A}") == ["bp"]
    assert unknown_placeholders(" ".join(f"{{{name}}}" for name in PLACEHOLDERS)) == []
