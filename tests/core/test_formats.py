"""The words pages are written in, drawn without a server."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any

import pytest

from galen import i18n
from galen.core.web.pages import templates

ROOT = Path(__file__).parents[2]
EVERY_TEMPLATE = sorted(ROOT.glob("src/galen/*/templates/**/*.html"))
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|\"js:|\|\s*safe\b|<script(?![^>]*\ssrc=)|hx-trigger=\"[^\"{]*\w\["
)


@pytest.fixture(scope="module")
def ui() -> Any:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    known = {
        "csrf": "token-1",
        "ctx": Thing(now=now, organization=Thing(country="AU")),
        "language": i18n.language(),
        "languages": i18n.offered(),
    }
    said = {"day": str, "age": lambda born: "41 years", "when": str, "money": str}
    return templates.get_template("macros.html").make_module(known | said)


def mara(**known: Any) -> Thing:
    who: dict[str, Any] = {
        "family": "Mbeki",
        "given": "Mara",
        "born": date(1985, 3, 14),
        "sex": "Female",
        "number": "HS-1",
        "allergy_state": "not asked",
    }
    return Thing(**who | known)


@pytest.mark.parametrize("template", EVERY_TEMPLATE, ids=lambda path: f"{path.parents[1].name}/{path.name}")
def test_no_page_carries_script_or_style_of_its_own(template: Path) -> None:
    assert INLINE.findall(template.read_text()) == []


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="x">',
        "<script>1</script>",
        '<b onclick="x">',
        "{{ name | safe }}",
        '<a hx-on:click="x">',
        '<a hx-trigger="click[x]">',
    ],
)
def test_the_search_for_inline_code_finds_it(bad: str) -> None:
    assert INLINE.search(bad)


def test_a_field_keeps_its_value_and_has_a_place_for_its_complaint(ui: Any) -> None:
    drawn = ui.field(
        "lines.0.quantity",
        "Quantity",
        "decimal",
        value="x14",
        unit="tablets",
        error="Please write a number.",
        required=True,
    )
    assert '<label class="form-label" for="field--lines.0.quantity">Quantity</label>' in drawn
    assert 'value="x14"' in drawn and '<span class="unit">tablets</span>' in drawn and 'aria-invalid="true"' in drawn
    assert '<div id="error--lines.0.quantity" class="error">Please write a number.</div>' in drawn


def test_a_password_is_never_written_back(ui: Any) -> None:
    assert "secret" not in ui.field("password", "Password", "password", value="secret")


def test_what_was_typed_is_text_and_never_markup(ui: Any) -> None:
    drawn = ui.field("name", "Name", value='"><script>1</script>') + ui.patient_banner(mara(given="<b hx-get=/x>"))
    assert "<script" not in drawn and "<b hx-get" not in drawn


def test_not_asked_and_no_known_allergies_read_and_look_different(ui: Any) -> None:
    unasked, none, known = (
        ui.patient_banner(mara(allergy_state=state, allergies=[Thing(substance="Penicillins", reaction="anaphylaxis")]))
        for state in ("not asked", "none known", "known")
    )
    assert "Allergies not asked" in unasked and "allergies-unasked" in unasked
    assert "No known allergies" in none and "allergies-none" in none
    assert "Allergic to" in known and "Penicillins" in known and "(anaphylaxis)" in known


def test_the_banner_names_the_family_first_and_the_age_beside_the_birth(ui: Any) -> None:
    assert "<b>MBEKI</b>, Mara" in ui.patient_banner(mara()) and "1985-03-14 <b>(41 years)</b>" in ui.patient_banner(
        mara()
    )


def test_a_dose_does_not_part_from_its_unit(ui: Any) -> None:
    assert "0.5\N{NO-BREAK SPACE}mg" in ui.medicine("colchicine", "0.5 mg", "tablet")


@pytest.mark.parametrize(
    ("level", "shape", "word"),
    [("contraindicated", "octagon", "Contraindicated"), ("moderate", "diamond", "Moderate"), ("odd", "unknown", "Odd")],
)
def test_severity_has_a_word_and_a_shape(ui: Any, level: str, shape: str, word: str) -> None:
    assert f"shape-{shape}" in ui.severity(level) and f"</span>{word}</span>" in ui.severity(level)


def test_a_warning_says_harm_then_cause_then_instead(ui: Any) -> None:
    drawn = ui.warning("major", "May bleed", "warfarin with ibuprofen.", instead=["Give paracetamol"])
    assert drawn.index("May bleed") < drawn.index("warfarin") < drawn.index("Give paracetamol")


def test_a_chart_can_be_read_as_a_table(ui: Any) -> None:
    drawn = ui.chart(
        {"x": ["8 Nov"], "series": [{"name": "Fridge", "values": [4.1]}], "unit": "°C"}, "line", "Fridge 1"
    )
    assert '<th scope="row">8 Nov</th><td class="num">4.1</td>' in drawn


def test_every_word_is_in_the_guide(ui: Any) -> None:
    guide = (ROOT / "docs/pages.md").read_text()
    words = {
        name
        for name in vars(ui)
        if not name.startswith("_") and name not in {"forms", "lists", "patients", "shown", "times"}
    }
    assert {
        word for word in words if f"`{word}(" not in guide and f" `{word}(" not in guide and f"{word}(" not in guide
    } == set()
