// What a scan told, as a sound: one high tone for the right pack, two low ones for a wrong one. Each is heard once.

const TONES = { right: [[880, 0, 0.12]], wrong: [[220, 0, 0.18], [180, 0.24, 0.3]] }; // hertz, from, for how many seconds
let heard = sessionStorage.getItem("heard"), sounds;

function play(tones) {
  sounds ??= new AudioContext();
  for (const [pitch, from, long] of tones) {
    const tone = sounds.createOscillator(), loud = sounds.createGain(), at = sounds.currentTime + from;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.2, at);
    loud.gain.linearRampToValueAtTime(0, at + long);
    tone.connect(loud).connect(sounds.destination);
    tone.start(at);
    tone.stop(at + long);
  }
}
function listen() {
  const said = document.querySelector("[data-heard]");
  if (!said || said.dataset.of === heard) return;
  sessionStorage.setItem("heard", heard = said.dataset.of);
  document.body.dispatchEvent(new CustomEvent("say", { detail: said.textContent }));
  document.body.dispatchEvent(new CustomEvent("heard", { detail: said.dataset.heard }));
  document.querySelector("form[data-scan]")?.reset();
  (document.getElementById(said.dataset.at) ?? said.parentElement).scrollIntoView({ block: "nearest" });
  play(TONES[said.dataset.heard]);
}
listen();
document.addEventListener("htmx:after:swap", listen);
