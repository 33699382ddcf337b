// Type to find, arrows to choose, Enter to take, Esc to leave. Also the search box at the top.

const parts = (e) => {
  const box = e.closest?.("[data-combobox]");
  return box && { box, input: box.querySelector("[role=combobox]"), list: box.querySelector(".options"), id: box.querySelector("input[type=hidden]") };
};
const options = (list) => [...list.querySelectorAll("[role=option]")];

function open({ input, list }, shown) {
  list.hidden = !shown;
  input.ariaExpanded = String(shown);
  if (!shown) input.removeAttribute("aria-activedescendant");
}
function point({ input, list }, option) {
  for (const e of options(list)) e.ariaSelected = String(e === option);
  if (!option) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}
function take(combo, option) {
  open(combo, false);
  if (option.matches("a[href]")) return option.click();
  combo.input.value = option.dataset.text;
  combo.id.value = option.dataset.value;
  combo.id.dispatchEvent(new Event("input", { bubbles: true }));
  combo.id.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("htmx:config:request", (event) => {
  const combo = parts(event.target), { ctx } = event.detail;
  if (!combo || event.target !== combo.input) return;
  if (!combo.input.value.trim()) return open(combo, false), event.preventDefault();
  ctx.request.body.set("q", combo.input.value);
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const combo = ctx.target?.matches?.(".options") && parts(ctx.target);
  if (!combo || document.activeElement !== combo.input) return;
  options(combo.list).forEach((option, i) => (option.id = `${combo.list.id}--${i}`));
  open(combo, combo.list.childElementCount > 0);
  if (combo.id) point(combo, options(combo.list)[0]);
});
document.addEventListener("input", ({ target }) => {
  const combo = target.role === "combobox" && parts(target);
  if (combo?.id) combo.id.value = ""; // words are not a choice
});
document.addEventListener("keydown", (event) => {
  const combo = event.target.role === "combobox" && parts(event.target);
  if (!combo || combo.list.hidden) return;
  const all = options(combo.list), at = all.findIndex((e) => e.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) point(combo, all[(at + step + all.length) % all.length]);
  else if (event.key === "Enter" && all[at]) {
    take(combo, all[at]);
    combo.input.dispatchEvent(new CustomEvent("chosen", { bubbles: true })); // and go on
  }
  else if (event.key === "Escape") open(combo, false);
  else return;
  event.preventDefault();
}, true);
document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("[data-combobox] [role=option]:not(a)");
  if (option) { event.preventDefault(); take(parts(option), option); }
});
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const combo = parts(target);
  if (combo && !combo.box.contains(relatedTarget)) open(combo, false);
});
