// Move what carries data-drag="PUT /appointments/…/slot" to a cell with data-drop='{…values…}': by mouse, or with m, arrows and Enter.

let held = null, cell = null, start = null;
const say = (words) => document.body.dispatchEvent(new CustomEvent("say", { detail: words }));

function over(next) {
  cell?.classList.remove("drop-here");
  cell = next ?? null;
  cell?.classList.add("drop-here");
}
function release() {
  held?.classList.remove("held");
  over(null);
  held = start = null;
}
function drop() {
  if (held && cell) {
    const [method, url] = held.dataset.drag.split(" ");
    htmx.ajax(method, url, { source: held, values: JSON.parse(cell.dataset.drop) });
    say(_("Moving to %(place)s.", { place: cell.dataset.label }));
  }
  release();
}

function refuse(place) {
  const words = place.querySelector(".appointment") ? _("That time is taken. The appointment stays at %(time)s.", { time: held.dataset.time })
    : _("Nobody is to be booked then. The appointment stays at %(time)s.", { time: held.dataset.time });
  place.classList.add("drop-refused");
  setTimeout(() => place.classList.remove("drop-refused"), 3000);
  document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: words } }));
}

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest("[data-drag]");
  if (item && event.button === 0 && event.pointerType !== "touch") start = { item, x: event.clientX, y: event.clientY }; // touch scrolls and taps
});
document.addEventListener("pointermove", (event) => {
  if (start && !held && Math.hypot(event.clientX - start.x, event.clientY - start.y) > 6) (held = start.item).classList.add("held");
  if (held && start) over(document.elementsFromPoint(event.clientX, event.clientY).find((e) => e.matches("[data-drop]")));
});
document.addEventListener("pointerup", (event) => {
  if (held && start) {
    const swallow = (click) => { click.preventDefault(); click.stopPropagation(); }; // the drop is no click on the link
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, true), 50);
    const under = cell ? null : document.elementsFromPoint(event.clientX, event.clientY).find((e) => e.matches("td.taken"));
    if (under && !under.contains(held)) refuse(under);
    drop();
  }
  start = null;
});
document.addEventListener("dragstart", (event) => event.target.closest("[data-drag]") && event.preventDefault());

// By keyboard: nearest free cell in the direction of the arrow.
function nearest(dx, dy) {
  const from = (cell ?? held).getBoundingClientRect(), cx = from.x + from.width / 2, cy = from.y + from.height / 2;
  const ahead = [...held.closest("[data-calendar]").querySelectorAll("[data-drop]")].map((e) => {
    const r = e.getBoundingClientRect(), x = r.x + r.width / 2 - cx, y = r.y + r.height / 2 - cy;
    const along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
    return { e, along, far: along + 3 * aside };
  });
  return ahead.filter((c) => c.along > 4).sort((a, b) => a.far - b.far)[0]?.e;
}
document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.("[data-drag]"), arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!held && item && event.key === "m") {
    (held = item).classList.add("held");
    say(_("Picked up. Arrows choose a free place, Enter puts it there, Escape leaves it."));
  } else if (held && arrow) {
    over(nearest(...arrow) ?? cell);
    cell?.scrollIntoView({ block: "nearest" });
    if (cell) say(cell.dataset.label);
  } else if (held && event.key === "Enter") drop();
  else if (held && event.key === "Escape") { release(); say(_("Left where it was.")); }
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
