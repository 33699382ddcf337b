"""Templates of notes: whose they are, what they put into a note, and what becomes of them."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from galen import encounters
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid, NotFound, Stale
from galen.core.finish import finish
from galen.encounters import (
    DiagnosisDraft,
    NoteDraft,
    NoteTemplate,
    TemplateDraft,
    Visit,
    VitalsDraft,
    add_template,
)  # fmt: skip
from galen.encounters.schemas import LONGEST_NOTE, NoteFormDraft, VisitCancelDraft
from galen.encounters.service import (
    archive_template,
    edit_template,
    note_form,
    note_templates,
    restore_template,
    star_template,
    strike_vitals,
    template_list,
    unstar_template,
    visit_page,
)  # fmt: skip
from galen.encounters.service.note_form import TypedSince
from galen.encounters.service.note_templates import NotForOrganization, TemplateArchived
from galen.patients import AllergyDraft, CurrentMedicineDraft, Patient, add_allergy, add_medicine

pytestmark = pytest.mark.usefixtures("icd")


async def kept(ctx: Context, name: str = "Cold", words: str = "Plan:\n- rest", **more: object) -> NoteTemplate:
    template = await add_template(ctx, TemplateDraft(name=name, text=words, **more))
    await ctx.flush()
    return template


async def names(ctx: Context) -> list[str]:
    return [template.name for template in await note_templates(ctx)]


async def put_in(ctx: Context, visit: Visit, template: NoteTemplate, typed: str = "") -> str:
    return (await note_form(ctx, visit.id, NoteFormDraft(text=typed, template_id=template.id))).text


async def test_ones_own_is_seen_by_nobody_else(ada: Context, eve: Context, nora: Context) -> None:
    own = await kept(ada)
    assert await names(ada) == ["Cold"]
    assert await names(eve) == await names(nora) == []
    for verb in (archive_template, star_template, restore_template, unstar_template):
        with pytest.raises(NotFound):
            await verb(eve, own.id)
    with pytest.raises(NotFound):
        await edit_template(eve, own.id, TemplateDraft(name="Mine", text="x"))
    assert (own.name, own.archived_at) == ("Cold", None)


async def test_the_organisations_are_everybodys_and_kept_by_those_who_manage(ada: Context, max: Context) -> None:
    with pytest.raises(NotForOrganization):
        await add_template(ada, TemplateDraft(name="For all", text="x", shared=True))
    shared = await kept(max, "For all", shared=True)
    assert await names(ada) == ["For all"]
    for refused in (
        edit_template(ada, shared.id, TemplateDraft(name="Other", text="y")), archive_template(ada, shared.id),
    ):  # fmt: skip
        with pytest.raises(NotForOrganization):
            await refused
    changed = await edit_template(max, shared.id, TemplateDraft(name="For all of us", text="y"))
    assert (changed.name, changed.changed_by, changed.owner_id) == ("For all of us", max.actor.name, None)


@pytest.mark.parametrize("verb", [note_templates, template_list])
async def test_the_desk_the_pharmacy_and_patients_have_none(ruth: Context, ben: Context, acting, verb) -> None:
    for ctx in (ruth, ben, await acting("mara")):
        with pytest.raises(Forbidden):
            await verb(ctx)


@pytest.mark.parametrize(
    ("draft", "field", "sentence"),
    [
        ({"text": "BP {bp}"}, "text", r"does not know \{bp\}.*\{vitals\}"),
        ({"codes": "J06 nonsense"}, "codes", "begins with nonsense"),
        ({"codes": "X99.ZZ"}, "codes", "begins with X99.ZZ"),
        ({"codes": "%"}, "codes", "begins with %"),
    ],
)
async def test_what_cannot_be_kept_names_its_field(
    ada: Context, draft: dict[str, str], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        await add_template(ada, TemplateDraft(**{"name": "Cold", "text": "Plan:", **draft}))
    assert refused.value.field == field
    assert await names(ada) == []


async def test_codes_are_written_as_the_classification_does(ada: Context) -> None:
    assert (await kept(ada, codes="j06, E119;J06 ")).codes == ["J06", "E11.9"]


async def test_two_of_one_name_are_refused_by_the_database(client) -> None:
    ada, eve = await client("ada"), await client("eve")
    draft = {"name": "Cold", "text": "Plan:"}
    first = await ada.post("/api/v1/note-templates", json=draft)
    again = await ada.post("/api/v1/note-templates", json=draft | {"name": " COLD "})
    assert (first.status_code, again.status_code) == (201, 409)
    assert "Give this one another name" in again.json()["detail"]
    assert (await eve.post("/api/v1/note-templates", json=draft)).status_code == 201
    assert (await ada.delete(f"/api/v1/note-templates/{first.json()['id']}")).status_code == 200
    assert (await ada.post("/api/v1/note-templates", json=draft)).status_code == 201
    back = await ada.post(f"/api/v1/note-templates/{first.json()['id']}/restoration", json={})
    assert back.status_code == 409


async def test_somebody_elses_change_is_not_written_over(ada: Context) -> None:
    own = await kept(ada)
    version = own.version
    await edit_template(ada, own.id, TemplateDraft(name="Colds", text="Plan:", version=version))
    await ada.flush()
    ada.locked.clear()
    with pytest.raises(Stale):
        await edit_template(ada, own.id, TemplateDraft(name="Flu", text="Plan:", version=version))
    assert own.name == "Colds"


async def test_an_archived_one_is_offered_no_more_until_it_is_brought_back(ada: Context, visit: Visit) -> None:
    own = await kept(ada)
    await archive_template(ada, own.id)
    assert ada.flashed and ada.flashed.undo == "encounters.restore_template"
    assert await names(ada) == []
    assert [offered.template for offered in (await template_list(ada, archived=True)).offered] == [own]
    for refused in (put_in(ada, visit, own), edit_template(ada, own.id, TemplateDraft(name="x", text="y"))):
        with pytest.raises(TemplateArchived):
            await refused
    await restore_template(ada, own.id)
    assert await names(ada) == ["Cold"]


async def test_a_star_is_ones_own_and_comes_first(ada: Context, eve: Context, max: Context) -> None:
    for name in "ABC":
        await kept(max, name, shared=True)
    (last,) = [template for template in await note_templates(ada) if template.name == "C"]
    for _ in range(2):  # twice is once
        await star_template(ada, last.id)
    assert (await names(ada), await names(eve)) == (["C", "A", "B"], ["A", "B", "C"])
    await unstar_template(ada, last.id)
    await unstar_template(ada, last.id)
    assert await names(ada) == ["A", "B", "C"]


async def test_those_for_a_diagnosis_of_the_visit_stand_before_the_others(ada: Context, visit: Visit) -> None:
    for name, codes in (("Any", ""), ("Back", "M54"), ("Cold", "J06 J00"), ("Sugar", "E11")):
        await kept(ada, name, codes=codes)
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="J06.9"))
    offered = [offered.template.name for offered in (await visit_page(ada, visit.id)).templates]
    assert offered == ["Cold", "Any", "Back", "Sugar"]


async def test_placeholders_are_filled_from_the_chart(ada: Context, visit: Visit, mara: Patient) -> None:
    words = "{patient}, {age}, {today}\n{vitals}\n{diagnoses}\n{allergies}\n{medicines}\n{doctor}"
    template = await kept(ada, words=words)
    await add_medicine(ada, mara.id, CurrentMedicineDraft(text="salbutamol inhaler"))
    await encounters.record_vitals(ada, visit.id, VitalsDraft(systolic=Decimal(128), diastolic=Decimal(82)))
    wrong = await encounters.record_vitals(ada, visit.id, VitalsDraft(heart_rate=Decimal(199)))
    await ada.flush()
    await strike_vitals(ada, wrong.id)
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="I10"))
    await ada.flush()
    text = await put_in(ada, visit, template)
    assert text.startswith("Mara Quill, ")
    for known in ("20 Nov 2026", "Blood pressure 128/82 mmHg", "hypertension", "salbutamol inhaler", "Dr Ada Okafor"):
        assert known in text
    assert "199" not in text and "{" not in text


async def test_what_is_not_known_says_so(ada: Context, visit: Visit, tom: Patient) -> None:
    text = await put_in(ada, visit, await kept(ada, words="{vitals}; {diagnoses}"))
    assert text == "not measured; no diagnosis yet"


async def test_an_allergy_stands_in_the_text(ada: Context, visit: Visit, mara: Patient) -> None:
    await add_allergy(ada, mara.id, AllergyDraft(substance="latex", kind="environment"))
    await ada.flush()
    assert "latex" in await put_in(ada, visit, await kept(ada, words="Allergies: {allergies}"))


async def test_nothing_typed_is_lost_and_nothing_is_kept_yet(ada: Context, visit: Visit) -> None:
    await encounters.write_note(ada, visit.id, NoteDraft(text="As kept."))
    form = await note_form(ada, visit.id, NoteFormDraft(text="Typed.\r\nMore.", template_id=(await kept(ada)).id))
    assert (form.text, form.before, form.added) == ("Typed.\nMore.\n\nPlan:\n- rest", "Typed.\nMore.", "Cold")
    assert (await visit_page(ada, visit.id)).page.own_draft == "As kept."


async def test_it_is_taken_out_again_unless_more_was_typed(ada: Context, visit: Visit) -> None:
    form = await note_form(ada, visit.id, NoteFormDraft(text="Typed.", template_id=(await kept(ada)).id))
    back = NoteFormDraft(text=form.text, before=form.before, filled=form.text, taken_out=True)
    assert (await note_form(ada, visit.id, back)).text == "Typed."
    with pytest.raises(TypedSince):
        await note_form(ada, visit.id, back.model_copy(update={"text": form.text + " And more."}))


async def test_a_recommended_test_is_a_line_of_the_plan_once(ada: Context, visit: Visit) -> None:
    draft = NoteFormDraft(text="Tired.\n\nPlan:\n- rest", test="E10 HbA1c")
    form = await note_form(ada, visit.id, draft)
    assert form.text.startswith("Tired.\n\nPlan:\n- rest\n- HbA1c: every 3 months")
    again = await note_form(ada, visit.id, draft.model_copy(update={"text": form.text}))
    assert (again.text, again.added) == (form.text, "")
    with pytest.raises(NotFound):
        await note_form(ada, visit.id, NoteFormDraft(test="E10 Tea leaves"))


async def test_a_note_does_not_grow_too_long(ada: Context, visit: Visit) -> None:
    template = await kept(ada)
    with pytest.raises(Invalid, match="too long") as refused:
        await put_in(ada, visit, template, "x" * (LONGEST_NOTE - 3))
    assert refused.value.field == "text"


async def test_who_does_not_write_notes_puts_nothing_in(ada: Context, ruth: Context, visit: Visit) -> None:
    template = await kept(ada)
    with pytest.raises(Forbidden):
        await put_in(ruth, visit, template)
    await encounters.cancel_visit(ada, visit.id, VisitCancelDraft(reason="Opened by mistake"))
    assert (await visit_page(ada, visit.id)).templates == []


async def test_each_change_stands_in_the_audit_log(client, system: Context) -> None:
    http = await client("ada")
    made = (await http.post("/api/v1/note-templates", json={"name": "Cold", "text": "Plan:"})).json()
    path = f"/api/v1/note-templates/{made['id']}"
    await http.put(path, json={"name": "Colds", "text": "Plan:", "version": made["version"]})
    await http.delete(path)
    about = select(AuditEntry.verb).where(AuditEntry.subject_id == UUID(made["id"])).order_by(AuditEntry.seq)
    assert list(await system.db.scalars(about)) == [
        "encounters.add_template", "encounters.edit_template", "encounters.archive_template",
    ]  # fmt: skip


async def test_without_scripts_the_button_leads_to_a_page_with_all_that_was_typed(
    client, ada: Context, visit: Visit
) -> None:
    template = await kept(ada)
    await encounters.diagnose(ada, visit.id, DiagnosisDraft(code="E11.9"))
    await finish(ada)
    page = await client("ada", page=True)
    shown = (await page.get(f"/visits/{visit.id}")).text
    assert f'formaction="/visits/{visit.id}/note-form" name="template_id" value="{template.id}"' in shown
    answer = await page.post(
        f"/visits/{visit.id}/note-form", data={"text": "Typed <b>", "template_id": str(template.id)}
    )
    assert answer.status_code == 200
    for words in ("<html", "<b>QUILL</b>, Mara", "Typed &lt;b&gt;\n\nPlan:\n- rest", "Keep as draft", "Add to plan"):
        assert words in answer.text
    part = await page.post(
        f"/visits/{visit.id}/note-form", data={"text": "Typed", "template_id": str(template.id)},
        headers={"hx-request": "true", "hx-target": "div#note-text"},
    )  # fmt: skip
    assert "Typed\n\nPlan:\n- rest" in part.text and "<html" not in part.text and "Take it out again" in part.text


async def test_the_list_says_what_to_do_when_it_is_empty_and_archives_with_a_way_back(client) -> None:
    page = await client("ada", page=True)
    assert "Write the first template" in (await page.get("/note-templates")).text
    assert "For the whole organisation" not in (await page.get("/note-templates/new")).text
    assert "For the whole organisation" in (await (await client("max", page=True)).get("/note-templates/new")).text
    answer = await page.post("/note-templates", data={"name": "Cold", "text": "Plan: {vitals}", "codes": "J06"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/note-templates")
    text = (await page.get("/note-templates")).text
    for words in ("Cold", "J06", "your own", "Find it first", "Template kept."):
        assert words in text
    found = await page.get("/note-templates?q=zzz")
    assert "No template is called so" in found.text


async def test_a_wrong_placeholder_is_said_beside_the_text(client) -> None:
    page = await client("ada", page=True)
    answer = await page.post(
        "/note-templates",
        data={"name": "Cold", "text": "{bp}"},
        headers={"hx-request": "true", "hx-target": "div#main"},
    )
    assert answer.status_code == 422
    assert 'id="error--text"' in answer.text and "does not know {bp}" in answer.text


async def test_the_database_keeps_no_template_without_words(ada: Context) -> None:
    ada.add(NoteTemplate(name="", text="x", codes=[], changed_at=ada.now, changed_by="x"))
    with pytest.raises(Exception, match="note_template_words_check"):
        await ada.db.flush()
