// The waiting-room display: a clock on the site's time, and one chime for each call, never again for the same one.

const clock = document.getElementById("board-clock"), board = document.getElementById("board"), button = document.getElementById("board-sound");

const ahead = Date.parse(clock.dateTime) - Date.now(); // this screen's own clock may be wrong; the server's counts
const face = new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
function tick() {
  clock.textContent = face.format(Date.now() + ahead);
  setTimeout(tick, 60_000 - ((Date.now() + ahead) % 60_000));
}
tick();

// What was heard is kept on this device, so that a reload or a line that comes back is silent; a screen's first look is, too.
const place = `heard:${location.pathname}`;
let heard = new Set(JSON.parse(localStorage.getItem(place) ?? "null") ?? calls());
const audio = new AudioContext();

function calls() {
  return [...board.querySelectorAll("[data-call]")].map((call) => call.dataset.call);
}
function tone(pitch, at) {
  const voice = audio.createOscillator(), volume = audio.createGain();
  voice.frequency.value = pitch;
  volume.gain.setValueAtTime(0.25, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
  voice.connect(volume).connect(audio.destination);
  voice.start(at);
  voice.stop(at + 0.7);
}
function chime() {
  document.body.dispatchEvent(new Event("chime"));
  tone(660, audio.currentTime);
  tone(523, audio.currentTime + 0.35);
}
function listen() {
  const now = calls(), fresh = now.filter((call) => !heard.has(call));
  heard = new Set(now); // an older call does not come back with the same moment
  localStorage.setItem(place, JSON.stringify(now));
  if (fresh.length && audio.state === "running") chime();
}
listen();
document.addEventListener("htmx:after:swap", listen);

// A browser is silent until somebody has touched the page once.
const silent = () => (button.hidden = audio.state === "running");
audio.addEventListener("statechange", silent);
button.addEventListener("click", () => audio.resume().then(chime));
silent();
