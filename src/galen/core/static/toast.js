// A line at the foot of the page. HX-Trigger: {"toast": {"text": "…", "undo": "/path", "method": "PUT"}} can be undone for ten seconds.

const LIFE = 10_000;

document.body.addEventListener("toast", ({ detail: { text, undo, method = "POST", label = _("Undo"), then } }) => {
  const line = document.createElement("div"), words = document.createElement("span");
  line.className = "toast-line";
  words.textContent = text;
  line.append(words);
  if (undo || then) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-link", textContent: label });
    button.addEventListener("click", () => { line.remove(); then ? then() : htmx.ajax(method, undo, { target: "#main", source: "#main" }); });
    line.append(button);
  }
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "btn-close", ariaLabel: _("Close") });
  close.dataset.close = "";
  line.append(close);
  document.getElementById("toasts").append(line);

  let timer = setTimeout(() => line.remove(), LIFE);
  const wait = () => clearTimeout(timer), go = () => (timer = setTimeout(() => line.remove(), LIFE));
  for (const name of ["pointerenter", "focusin"]) line.addEventListener(name, wait);
  for (const name of ["pointerleave", "focusout"]) line.addEventListener(name, () => { wait(); go(); });
});
