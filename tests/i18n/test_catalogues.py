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
def test_no_translation_breaks_its_message(found, tag):
    harmless = "no translation", "its message has changed"
    broken = [line for line in translating.trouble(tag, found) if line["why"] not in harmless]
    assert broken == []


def test_what_roles_allow_is_a_message(found):
    for message in ("See the organisation and its sites", "pharmacist", "stock"):
        assert message in found, message


@pytest.mark.parametrize("tag", translating.catalogues())
def test_core_is_translated(found, tag):
    lines = translating.trouble(tag, found)
    assert [line["message"] for line in lines if all(path.startswith("core/") for path in line["where"])] == []


def test_a_translation_that_lost_a_value_is_told():
    lost = Message("%(num)s of %(all)s", string="%(num)s de todos")
    assert translating.fault(Message("%(num)s of %(all)s"), lost, 2) == "other values than its message"
    kept = Message("%(num)s of %(all)s", string="%(num)s de %(all)s")
    assert translating.fault(Message("%(num)s of %(all)s"), kept, 2) == ""


@pytest.mark.parametrize(
    "said, why",
    [
        ("Escriba <b>algo</b>.", "other values than its message"),
        ("Escriba algo > nada.", "> where its message has none: it would be read as markup"),
        ('Escriba "algo".', '" where its message has none: it would be read as markup'),
        ("Escriba «algo».", ""),
    ],
)
def test_a_translation_brings_no_markup_that_its_message_has_not(said, why):
    assert translating.fault(Message("Write something."), Message("Write something.", string=said), 2) == why


def test_a_translation_has_as_many_forms_as_its_language():
    entry = Message(("%(num)s day", "%(num)s days"))
    three = Message(entry.id, string=("%(num)s den", "%(num)s dny", "%(num)s dnů"))
    assert translating.fault(entry, three, 2) == "3 forms where the language has 2"
    assert translating.fault(entry, three, 3) == ""


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
