"""The verbs of a visit."""

from .diagnoses import diagnose, strike_diagnosis, undo_diagnosis
from .elsewhere import believed_before, doubts_of, past_measure, past_visit, past_vitals, strike_past_vitals
from .findings import findings
from .note_form import note_form
from .note_templates import (
    add_template,
    archive_template,
    edit_template,
    new_template,
    note_templates,
    restore_template,
    star_template,
    template_form,
    template_list,
    unstar_template,
)
from .notes import amend_note, edit_note, sign_note, unsigned, write_note
from .pages import chart_of, history, story, with_doctor
from .sheet import notes_of, tests_for, visit_page, visit_record
from .visits import cancel_visit, complete_visit, edit_visit, open_visit, start_visit, visits
from .vitals import confirm_vitals, doubts_in, record_vitals, strike_vitals
from .waiting import measure, measure_page

__all__ = [
    "add_template",
    "amend_note",
    "archive_template",
    "believed_before",
    "cancel_visit",
    "chart_of",
    "complete_visit",
    "confirm_vitals",
    "diagnose",
    "doubts_in",
    "doubts_of",
    "edit_note",
    "edit_template",
    "edit_visit",
    "findings",
    "history",
    "measure",
    "measure_page",
    "new_template",
    "note_form",
    "note_templates",
    "notes_of",
    "open_visit",
    "past_measure",
    "past_visit",
    "past_vitals",
    "record_vitals",
    "restore_template",
    "sign_note",
    "star_template",
    "start_visit",
    "story",
    "strike_diagnosis",
    "strike_past_vitals",
    "strike_vitals",
    "template_form",
    "template_list",
    "tests_for",
    "undo_diagnosis",
    "unsigned",
    "unstar_template",
    "visit_page",
    "visit_record",
    "visits",
    "with_doctor",
    "write_note",
]
