// Lines at the foot of the page, each for ten seconds: what a success says (flash.html), and what a script says by the event `toast`.

const LIFE = 10_000, place = document.getElementById("toasts");

function live(line) {
  let timer = setTimeout(() => line.remove(), LIFE);
  const wait = () => clearTimeout(timer), go = () => (timer = setTimeout(() => line.remove(), LIFE));
  for (const name of ["pointerenter", "focusin"]) line.addEventListener(name, wait);
  for (const name of ["pointerleave", "focusout"]) line.addEventListener(name, () => { wait(); go(); });
}
const lines = (nodes) => [...nodes].filter((node) => node.classList?.contains("toast-line"));

lines(place.children).forEach((line) => {
  live(line); // it came with the page, which no reader of screens announces by itself
  setTimeout(() => document.body.dispatchEvent(new CustomEvent("say", { detail: line.firstElementChild.textContent })), 500);
});
new MutationObserver((changes) => changes.forEach(({ addedNodes }) => lines(addedNodes).forEach(live))).observe(place, { childList: true });

document.body.addEventListener("toast", ({ detail: { text, label, then } }) => {
  const line = document.createElement("div"), words = document.createElement("span"), close = document.createElement("button");
  line.className = "toast-line";
  words.textContent = text;
  line.append(words);
  if (then) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-link", textContent: label });
    button.addEventListener("click", () => { line.remove(); then(); });
    line.append(button);
  }
  Object.assign(close, { type: "button", className: "btn-close", ariaLabel: _("Close") });
  close.dataset.close = "";
  line.append(close);
  place.prepend(line);
});
