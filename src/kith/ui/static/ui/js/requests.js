/* What every htmx request shares: a line at the top after 300 ms, a busy button, words for what failed.
 *
 *   <div class="progress-page" hidden></div>      shown while a request takes longer than 300 ms
 *   HX-Trigger: {"kith:announce": {"words": "318 found"}}      is read out, not shown
 *   <p data-autofocus tabindex="-1">      takes the focus when it arrives in a swap, or gives it to its first field
 */
const running = new Set();
let late;

function showProgress() {
  clearTimeout(late);
  const line = document.querySelector(".progress-page");
  if (!line) return;
  if (!running.size) line.hidden = true;
  else if (line.hidden) late = setTimeout(() => { line.hidden = !running.size; }, 300);
}

const busyParts = (ctx) => [ctx.sourceElement, ctx.request.submitter].filter((el) => el?.matches?.(".button, .tick"));

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  running.add(ctx);
  busyParts(ctx).forEach((el) => el.setAttribute("aria-busy", "true"));
  showProgress();
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  running.delete(ctx);
  busyParts(ctx).forEach((el) => el.removeAttribute("aria-busy"));
  showProgress();
});

// The session has ended: the answer is the sign-in page. Load this page again and come back to it after.
document.addEventListener("htmx:before:response", (event) => {
  const { raw, status } = event.detail.ctx.response;
  if ((status === 401 && !raw.headers.has("HX-Redirect")) || (raw.redirected && new URL(raw.url).pathname.startsWith("/accounts/login"))) {
    event.preventDefault();
    location.reload();
  }
});

function say(key) {
  const toasts = document.querySelector("kith-toasts");
  toasts?.show({ message: toasts.dataset[key], tone: "late" });
}

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const status = ctx.response.status;
  if (status === 401 || status === 422 || status === 409 || ctx.hx?.trigger?.includes("kith:toast")) return;
  say({ 403: "refused", 404: "gone", 410: "gone" }[status] ?? "failed");
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx && !ctx.response) say("offline");
});

document.addEventListener("kith:announce", ({ detail }) => {
  const region = document.getElementById("live-region");
  if (region) region.textContent = detail.words;
});

// A form that came back starts where something is wrong.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const lost = ctx?.response?.status === 422 && document.activeElement === document.body;
  const arrived = document.querySelector("[data-autofocus]") ?? document.querySelector(lost ? "[aria-invalid=true]" : "none");
  arrived?.removeAttribute("data-autofocus");
  (arrived?.querySelector("input:not([type=hidden]), textarea") ?? arrived)?.focus();
});
