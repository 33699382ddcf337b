// What every page does: tokens on requests, the notice, the theme, a lost session.
// Pages and these small files talk by events on the body: toast, say, scan, theme, line-restored and the names of facts.

const trust = {
  createHTML: (html) => html, // our own server's answers, on their way into the page through htmx
  createScript: () => "", // a fragment brings no script
  createScriptURL: (url) => (url === "/worker.js" ? url : null), // the one service worker, on pages that say so
};
const policy = window.trustedTypes?.createPolicy("galen", trust) ?? trust;
htmx.registerExtension("galen", { init: (api) => api.initSecurity(policy) });
// ECharts empties elements by innerHTML = ""; nothing else may write markup.
window.trustedTypes?.createPolicy("default", { createHTML: (html) => (html === "" ? html : null) });

const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content;
if (meta("worker")) navigator.serviceWorker?.register(policy.createScriptURL(meta("worker")));
const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.headers["X-CSRF"] = meta("csrf");
  const { key, version } = ctx.sourceElement.dataset;
  if (ctx.request.method !== "GET") ctx.request.headers["Idempotency-Key"] = ctx.request.body?.get("idempotency_key") ?? key ?? fresh();
  if (version) ctx.request.headers["If-Match"] = `"${version}"`;
  if (ctx.request.method === "GET" && (ctx.sourceEvent?.target === document.body || ctx.sourceEvent?.type === "every"))
    ctx.request.headers["X-Unasked"] = "1"; // a fact or the clock asks, not a person: it keeps no session awake
});

// What is typed into a search or a filter is often a name: it travels in a header, so that no address, history or log of a proxy holds it.
document.addEventListener("htmx:before:request", ({ detail: { ctx: { request } } }) => {
  const url = new URL(request.action, location.href), typed = url.searchParams.get("q");
  if (request.method !== "GET" || url.origin !== location.origin || typed === null) return;
  url.searchParams.delete("q");
  request.action = url.pathname + url.search;
  if (typed) request.headers["X-Typed"] = encodeURIComponent(typed);
});

// For the way back and for a reload it is kept in this tab, under a mark of this entry of its history.
const filter = document.querySelector("[data-filter]");
if (filter) {
  const entry = history.state?.entry ?? fresh(), place = `typed:${entry}`, typed = sessionStorage.getItem(place);
  const mark = () => history.replaceState({ ...history.state, entry }, "");
  mark();
  document.addEventListener("htmx:after:history:replace", mark);
  filter.addEventListener("input", () => sessionStorage.setItem(place, filter.value));
  if (typed && !filter.value) {
    filter.value = typed;
    addEventListener("load", () => filter.form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  }
}

function notice(sentence) {
  const box = document.createElement("div"), text = document.createElement("p"), close = document.createElement("button");
  Object.assign(box, { className: "notice tone-caution", role: "alert" });
  Object.assign(close, { type: "button", className: "btn-close", ariaLabel: _("Close") });
  close.dataset.close = "";
  text.textContent = sentence;
  box.append(text, close);
  document.getElementById("notice").replaceChildren(box);
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") document.getElementById("notice").replaceChildren();
});
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status !== 401 || !document.getElementById("signed-out")) return;
  event.preventDefault(); // stay on the page: what was typed is on it
  document.body.dispatchEvent(new Event("signed-out"));
});
document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
  if (ctx.response.status >= 400) return;
  const field = target.matches?.("form") && target.elements.idempotency_key;
  if (field) field.value = fresh(); // the next sending is another one
  if (target.dataset?.key) target.dataset.key = fresh();
});
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (/<hx-partial|hx-swap-oob/.test(ctx.text)) return;
  notice(_("Galen could not answer that. What you typed is kept. Look whether it was done before you try again."));
});
document.addEventListener("htmx:error", ({ detail: { ctx, error } }) => {
  if (ctx && !ctx.response && error?.name !== "AbortError")
    notice(_("The line to Galen is lost. What you typed is kept; try again when it is back."));
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.response?.status >= 400) document.getElementById("notice").scrollIntoView({ block: "nearest" });
  else if (ctx.target?.id === "main" && document.activeElement === document.body) ctx.target.focus({ preventScroll: true });
});

document.body.addEventListener("signed-out", () => {
  const box = document.getElementById("signed-out");
  if (!box || box.open) return;
  box.querySelector("a").href = "/login?next=" + encodeURIComponent(location.pathname + location.search);
  box.showModal();
});
if (matchMedia("(max-width: 47rem)").matches) document.querySelectorAll("details[data-folds]").forEach((part) => (part.open = false));
document.getElementById("sign-out")?.addEventListener("submit", () => sessionStorage.clear());

document.addEventListener("click", ({ target }) => target.closest("[data-close]")?.closest(".notice, .toast-line")?.remove());
document.body.addEventListener("say", ({ detail }) => (document.getElementById("said").textContent = detail));

document.getElementById("theme")?.addEventListener("click", () => {
  const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
  document.documentElement.dataset.bsTheme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  document.body.dispatchEvent(new Event("theme"));
});
