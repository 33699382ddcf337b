// The live line. The server sends `event: fact`, `data: <name> [<id>]` and now and then `event: beat`.
// Each fact becomes an event on the body, by name and by name:id, so that hx-trigger="prescription-signed from:body" hears it.

const dot = document.getElementById("line"), url = document.body.dataset.live;
const WORDS = { on: _("Live"), lost: _("The line is lost. Work goes on; what you see may be older."), off: "" };
let source = null, pause = 1000, again = 0, beats = 0, missed = false;

function say(line) {
  if (line === "lost") missed = true;
  if (!dot) return;
  dot.dataset.line = line;
  dot.title = dot.textContent = WORDS[line];
}
function close() {
  source?.close();
  clearTimeout(again);
  clearTimeout(beats);
}
function lost() {
  close();
  say("lost");
  again = setTimeout(open, pause + Math.random() * 1000);
  pause = Math.min(pause * 2, 30_000);
}
function beat() {
  clearTimeout(beats);
  beats = setTimeout(lost, 45_000); // three beats missed
}
function open() {
  close();
  source = new EventSource(url);
  source.addEventListener("open", () => {
    pause = 1000;
    say("on");
    if (missed) document.body.dispatchEvent(new Event("line-restored"));
    missed = false;
  });
  source.addEventListener("error", lost);
  source.addEventListener("beat", beat);
  source.addEventListener("fact", ({ data }) => {
    const [name, id] = data.split(" ");
    for (const heard of id ? [name, `${name}:${id}`] : [name]) document.body.dispatchEvent(new CustomEvent(heard, { bubbles: true, detail: { id } }));
  });
}

if (url) {
  open();
  // A browser allows six lines to one server: a hidden tab gives its line back and catches up when it is seen again.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); missed = true; } else open();
  });
}
