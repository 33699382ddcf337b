// Forms: errors beside the field, Enter goes on, Esc leaves, drafts survive a lost session, rows come and go.

const forms = new Set(); // forms with typing that was not sent yet

// Errors ---------------------------------------------------------------------
const slots = (root) => root.querySelectorAll(".error[id^='error--']");
function mark(slot) {
  const id = slot.id.replace("error--", "field--"), field = slot.closest(".field")?.querySelector(`[id^="field--"]`) ?? document.getElementById(id);
  if (slot.textContent.trim()) field?.setAttribute("aria-invalid", "true");
  else field?.removeAttribute("aria-invalid");
  return slot.textContent.trim() ? field : null;
}
document.addEventListener("htmx:before:request", ({ target }) => {
  if (!target.matches?.("form")) return;
  for (const slot of document.querySelectorAll(".error")) { // of two forms with a field of one name, the sent one is answered
    slot.dataset.of ??= slot.id;
    slot.id = slot.dataset.of;
    if (target.contains(slot)) { slot.textContent = ""; mark(slot); }
    else if (target.querySelector(`.error[data-of="${CSS.escape(slot.id)}"], .error[id="${CSS.escape(slot.id)}"]`)) slot.id = `aside--${slot.id}`;
  }
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.response?.status === 422) [...slots(document)].map(mark).find(Boolean)?.focus();
});

// Enter goes on, Esc leaves ---------------------------------------------------
function stop(form, radio, from) {
  const group = [...form.elements].filter((e) => e.type === "radio" && e.name === radio.name);
  return group.includes(from) ? from : group.find((e) => e.checked) ?? group[0];
}
const stopsOf = (form, target) => [...form.elements]
  .filter((e) => e.type !== "hidden" && !e.disabled && e.matches("input, select, textarea") && e.offsetParent)
  .filter((e) => e === target || e.type !== "radio" || e === stop(form, e, target)); // choices of one question are one stop
const next = (form, target) => { const all = stopsOf(form, target); return all[all.indexOf(target) + 1]; };
const first = (row) => row.querySelector("input:not([type=hidden]), select, textarea");
function goOn(form) { // to what must still be answered, or to the main button
  const empty = (e) => e.required && !(e.type === "checkbox" ? e.checked : e.value.trim());
  const open = [...form.querySelectorAll("[data-question] :is(select, input:not([type=hidden]))")].find(empty);
  open?.closest("details")?.setAttribute("open", "");
  (open ?? form.querySelector(".form-end [type=submit]"))?.focus();
}
function rowEnds(form, target) { // Enter behind a row's last field begins another; in an empty one it takes that back
  const box = target.closest("[data-repeat]"), row = target.closest(".repeat-row");
  if (!box || !row) return false;
  if (target.matches("[data-row-end]")) first(row.nextElementSibling.matches(".repeat-row") ? row.nextElementSibling : add(box)).focus();
  else if (target.role === "combobox" && !target.value.trim() && rows(box).length > 1 && row === [...rows(box)].at(-1)) {
    row.remove();
    number(box);
    goOn(form);
  } else return false;
  return true;
}
document.addEventListener("chosen", ({ target }) => target.form?.matches("form.form") && next(target.form, target)?.focus());
document.addEventListener("keydown", (event) => {
  const { target, key } = event, form = target.form?.closest("form.form");
  if (key === "Escape" && !event.defaultPrevented) {
    if (target.form) target.blur();
    else if (!document.querySelector("dialog[open], :popover-open")) document.querySelector("[data-leave]")?.click();
  }
  if (key !== "Enter" || event.defaultPrevented || !form || !target.matches("input, select")) return;
  if (target.role === "combobox" && target.ariaExpanded === "true") return;
  const after = next(form, target), asked = target.closest("[data-question]");
  event.preventDefault();
  if (event.ctrlKey) return form.requestSubmit();
  if (rowEnds(form, target)) return;
  if (asked && !(asked.contains(after) && after.required)) return goOn(form);
  if (!after) form.requestSubmit();
  else { after.focus(); after.select?.(); }
});

// A form is sent once ----------------------------------------------------------
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.matches("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete], [method=dialog]")) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Drafts -------------------------------------------------------------------------
const draftOf = (form) => form.dataset.draft ?? `${location.pathname} ${form.id || form.getAttribute("action")}`;
const place = (form) => `draft:${document.body.dataset.person}:${draftOf(form)}`;
const called = (e) => e.name || e.id; // what a combobox shows has an id alone
const keep = (form) => sessionStorage.setItem(place(form), JSON.stringify([...form.elements]
  .filter((e) => called(e) && !/^(password|file|submit|button|fieldset)$/.test(e.type) && !["csrf", "idempotency_key"].includes(e.name))
  .map((e) => [called(e), /checkbox|radio/.test(e.type) ? e.checked && e.value : e.value])));
function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(place(form)) ?? "null");
  if (!kept) return;
  for (const box of form.querySelectorAll("[data-repeat]"))
    while (kept.some(([name]) => name.startsWith(`${box.dataset.repeat}.${rows(box).length}.`))) add(box);
  const seen = {};
  for (const [name, value] of kept) {
    const same = [...form.elements].filter((e) => called(e) === name), field = same[seen[name] = (seen[name] ?? -1) + 1];
    if (!field) continue;
    if (/checkbox|radio/.test(field.type)) field.checked = value !== false;
    else field.value = value;
  }
  forms.add(form);
  document.body.dispatchEvent(new CustomEvent("toast", { detail: {
    text: _("What you had typed here is back."), label: _("Start afresh"), then: () => { drop(form); location.reload(); },
  } }));
}
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => { // what was put in for somebody is kept like what they typed
  const form = ctx.target?.matches?.("[data-fills]") && ctx.response?.status < 400 && ctx.target.closest("form.form");
  const field = form && ctx.target.querySelector("textarea");
  if (!field) return;
  forms.add(form);
  if (form.dataset.draft) keep(form);
  const blank = field.value.indexOf("___"), at = blank < 0 ? field.value.length : blank;
  field.focus();
  field.setSelectionRange(at, blank < 0 ? at : at + 3); // typing goes on at the first blank
});
const drop = (form) => { forms.delete(form); sessionStorage.removeItem(place(form)); };
document.addEventListener("input", ({ target: { form } }) => {
  if (!form?.matches("form.form") || form.method === "get") return;
  forms.add(form);
  if (form.dataset.draft) keep(form);
});
document.body.addEventListener("signed-out", () => forms.forEach((form) => { form.dataset.draft = draftOf(form); keep(form); }));
document.addEventListener("click", ({ target }) => {
  const leaving = target.closest("[data-leave]")?.closest("form");
  if (leaving) drop(leaving); // Cancel takes back what was typed, too
});
document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => ctx.response.status < 400 && target.matches?.("form") && drop(target));
document.addEventListener("submit", ({ target }) => forms.delete(target));
window.addEventListener("beforeunload", (event) => {
  if ([...forms].some((form) => form.isConnected && !form.dataset.draft)) event.preventDefault();
});

// Rows that come and go -------------------------------------------------------------
const rows = (box) => box.querySelectorAll(":scope > .repeat-row");
function number(box) {
  const old = new RegExp(`\\b${box.dataset.repeat}\\.\\d+\\.`, "g");
  rows(box).forEach((row, i) => [row, ...row.querySelectorAll("*")].forEach((e) => [...e.attributes].forEach((a) => {
    if (/^(id|name|for|aria-(controls|describedby))$/.test(a.name)) e.setAttribute(a.name, a.value.replace(old, `${box.dataset.repeat}.${i}.`));
  })));
}
function add(box) {
  const row = document.importNode(box.querySelector(":scope > template").content, true).firstElementChild;
  box.querySelector(":scope > template").before(row);
  number(box);
  htmx.process(row);
  return row;
}
document.addEventListener("click", ({ target }) => {
  const box = target.closest("[data-repeat]");
  if (target.closest("[data-add]")) add(box).querySelector("input:not([type=hidden]), select, textarea")?.focus();
  if (target.closest("[data-remove]") && rows(box).length > 1) { target.closest(".repeat-row").remove(); number(box); }
});

// A page that is a form begins in its first field, where there is a keyboard; one that only ends with a form begins at its top.
const page = document.querySelector("#main > form.form, #main > .columns:first-child > form.form");
const begins = page && stopsOf(page).find((e) => !e.value || e.type === "search");
if (begins && document.activeElement === document.body && matchMedia("(hover: hover)").matches)
  if (begins.getBoundingClientRect().bottom <= innerHeight) begins.focus();

const open = (root) => root.querySelectorAll("form.form:not([method=get]):not([data-opened])").forEach((form) => {
  form.dataset.opened = "1";
  restore(form);
});
open(document);
document.addEventListener("htmx:after:process", ({ target }) => target.querySelectorAll && open(target));
