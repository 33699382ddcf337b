"""Translations fit their messages: the same values, all forms, nothing broken."""

import pytest
from babel.messages.catalog import Message

from galen.commands import translating


@pytest.fixture(scope="module")
def found():
    return translating.messages()


def test_messages_come_from_templates_python_scripts_and_classes(found):
    for message in (
        "Skip to the content",
        "Enter a number.",
        "Undo",
        "There is no such {thing} here.",
        "no show",
        "Home",
    ):
        assert message in found, message


@pytest.mark.parametrize("tag", translating.catalogues())
def test_no_translation_has_other_values_than_its_message(found, tag):
    assert [line for line in translating.trouble(tag, found) if line["why"] == "other values than its message"] == []


@pytest.mark.parametrize("tag", translating.catalogues())
def test_core_is_translated(found, tag):
    lines = translating.trouble(tag, found)
    assert [line["message"] for line in lines if all(path.startswith("core/") for path in line["where"])] == []


def test_a_translation_that_lost_a_value_is_told():
    lost = Message("%(num)s of %(all)s", string="%(num)s de todos")
    assert translating.fault(Message("%(num)s of %(all)s"), lost, 2) == "other values than its message"
    kept = Message("%(num)s of %(all)s", string="%(num)s de %(all)s")
    assert translating.fault(Message("%(num)s of %(all)s"), kept, 2) == ""


def test_merging_twice_changes_nothing(found, tmp_path, monkeypatch):
    for tag in translating.catalogues():
        kept = translating.path_of(tag).read_bytes()
        monkeypatch.setattr(translating, "FOLDER", tmp_path)
        translating.path_of(tag).parent.mkdir()
        translating.path_of(tag).write_bytes(kept)
        translating.merged(tag, found)
        once = translating.path_of(tag).read_bytes()
        translating.merged(tag, found)
        assert translating.path_of(tag).read_bytes() == once and b"X-Review: none" in once
        assert str(tmp_path).encode() not in once
