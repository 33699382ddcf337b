// Keys and scanners. Single keys act only while nobody types; a scanner is a very fast typist who ends with Enter.

const typing = (e) => e.isContentEditable || e.matches?.("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
const dialog = document.getElementById("keys");
const single = () => localStorage.getItem("keys") !== "off";

function show() {
  const list = dialog.querySelector("dl");
  list.querySelectorAll("[data-here]").forEach((e) => e.remove());
  for (const e of document.querySelectorAll("[data-shortcut]")) {
    const key = document.createElement("dt"), word = document.createElement("dd"), kbd = document.createElement("kbd");
    key.dataset.here = word.dataset.here = "";
    kbd.textContent = e.dataset.shortcut;
    word.textContent = e.ariaLabel ?? e.textContent.trim();
    key.append(kbd);
    list.append(key, word);
  }
  dialog.querySelector("#keys-on").checked = single();
  dialog.showModal();
}
document.getElementById("show-keys")?.addEventListener("click", show);
dialog?.querySelector("#keys-on").addEventListener("change", ({ target }) => localStorage.setItem("keys", target.checked ? "on" : "off"));

function step(by) {
  const list = document.activeElement.closest("[data-list]") ?? document.querySelector("[data-list]");
  const rows = [...(list?.querySelectorAll("tbody > tr, [data-row]") ?? [])];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
  row?.querySelector("a[href], button")?.focus();
  row?.scrollIntoView({ block: "nearest" });
}
const find = () => (document.querySelector("[data-filter]:focus") ? null : document.getElementById("find"))?.select();
const acts = { "/": () => find() ?? document.getElementById("find")?.focus(), "?": () => dialog && show(), j: () => step(1), k: () => step(-1) };

const PAUSE = 120, PACE = 45; // milliseconds: no gap in a scan is longer, and its keys are this quick on average
let burst = "", began = null, first = 0, last = 0, waiting = 0;

function scanned(code) {
  const form = document.querySelector("form[data-scan]"), search = document.getElementById("find");
  document.body.dispatchEvent(new CustomEvent("scan", { detail: { code } }));
  if (form) { form.elements.code.value = code; form.requestSubmit(); }
  else { search.value = code; search.focus(); search.dispatchEvent(new Event("input", { bubbles: true })); }
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event, gap = event.timeStamp - last;
  last = event.timeStamp;
  clearTimeout(waiting);
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") { event.preventDefault(); return document.getElementById("find")?.focus(); }

  if (key === "Enter" && gap < PAUSE && burst.length >= 6 && (last - first) / burst.length < PACE && document.querySelector("form[data-scan], #find")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (began) { began.field.value = began.value; began.field.dispatchEvent(new Event("input", { bubbles: true })); }
    const code = burst;
    burst = "";
    return scanned(code);
  }
  const separator = key === "F8" || (event.ctrlKey && key === "]"); // how scanners type the GS1 group separator
  if (key === "Shift" || key === "Control") return;
  if (event.repeat || gap > PAUSE || (key.length > 1 && !separator)) burst = "";
  if (!burst) first = last;
  if (!burst) began = typing(target) && target.matches("input, textarea, select") ? { field: target, value: target.value } : null;
  if (separator) { event.preventDefault(); burst += "\x1d"; }
  else if (key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) burst += key;

  if (burst.length !== 1 || typing(target) || !single() || document.querySelector("dialog[open]")) return;
  const own = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]:not(:disabled)`);
  const act = own ? () => (typing(own) ? own.focus() : own.click()) : acts[key];
  if (!act) return;
  event.preventDefault();
  waiting = setTimeout(() => { burst = ""; act(); }, event.repeat ? 0 : PACE); // unless a scanner goes on typing
}, true);

// A click anywhere in a row opens it.
document.addEventListener("click", ({ target }) => {
  const row = target.closest("[data-list] tbody > tr");
  if (row && !target.closest("a, button, input, label, select, summary") && !getSelection().toString()) row.querySelector("a[href]")?.click();
});
