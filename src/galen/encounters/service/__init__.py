"""The verbs of a visit."""

from .diagnoses import diagnose, strike_diagnosis
from .elsewhere import believed_before, doubts_of, past_measure, past_visit, past_vitals, strike_past_vitals
from .findings import findings
from .notes import amend_note, edit_note, sign_note, unsigned, write_note
from .pages import chart_of, history, story, visit_page, with_doctor
from .visits import cancel_visit, complete_visit, edit_visit, open_visit, start_visit, visits
from .vitals import confirm_vitals, doubts_in, record_vitals, strike_vitals
from .waiting import measure, measure_page

__all__ = [
    "amend_note",
    "believed_before",
    "cancel_visit",
    "chart_of",
    "complete_visit",
    "confirm_vitals",
    "diagnose",
    "doubts_in",
    "doubts_of",
    "edit_note",
    "edit_visit",
    "findings",
    "history",
    "measure",
    "measure_page",
    "open_visit",
    "past_measure",
    "past_visit",
    "past_vitals",
    "record_vitals",
    "sign_note",
    "start_visit",
    "story",
    "strike_diagnosis",
    "strike_past_vitals",
    "strike_vitals",
    "unsigned",
    "visit_page",
    "visits",
    "with_doctor",
    "write_note",
]
