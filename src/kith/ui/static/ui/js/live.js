/* What colleagues change appears here within a second, and never under one's own hands.
 *
 *   <kith-live token="…" renew="/live/renew"></kith-live>      listens to /live?token=… ; the token says which topics
 *   <section data-live="person:3 deal" data-live-src="/people/3/panel/deals/">      refetches itself when one of them changes
 *   data-live-swap: how (outerMorph unless said). HX-Trigger: {"record-changed": {"types": ["person:3"]}} does the same at once
 *
 * Messages are JSON: {"topic": "person:3", "event": "…"}; each is fired on document as kith:changed with detail.topics.
 * "event: resync" means that something was missed. renew answers ?token=<old> with a fresh token as plain text.
 * A part that holds the focus in a field, or words not yet sent, waits until it is left.
 */
const waiting = new Map();

function inHand(part) {
  const active = document.activeElement;
  if (part.contains(active) && active.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return true;
  if (part.querySelector("[data-editing], .sortable-chosen, [aria-busy=true], [popover]:popover-open")) return true;
  return [...part.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), textarea")].some((f) => f.value !== f.defaultValue);
}

function refetch(part) {
  clearTimeout(waiting.get(part));
  waiting.delete(part);
  if (!part.isConnected) return;
  if (document.hidden || inHand(part)) {
    waiting.set(part, setTimeout(() => refetch(part), 1000));
    return;
  }
  const swap = part.dataset.liveSwap ?? "outerMorph";
  htmx.ajax("GET", part.dataset.liveSrc, { source: part, target: part, swap });
}

function changed(topics, except) {
  for (const part of document.querySelectorAll("[data-live][data-live-src]")) {
    const wanted = part.dataset.live.split(/\s+/);
    if (part === except || waiting.has(part) || !wanted.some((topic) => topics.includes(topic))) continue;
    waiting.set(part, setTimeout(() => refetch(part), 120)); // several changes in a burst are one fetch
  }
}

document.addEventListener("record-changed", ({ detail, target }) => {
  changed([].concat(detail?.types ?? []), target?.closest?.("[data-live]"));
});

class KithLive extends HTMLElement {
  connectedCallback() {
    this.token = this.getAttribute("token");
    if (this.token) this.listen();
    this.close = () => this.source?.close();
    this.back = (event) => { if (event.persisted) this.listen(); }; // from the browser's own cache of pages
    addEventListener("pagehide", this.close);
    addEventListener("pageshow", this.back);
  }

  disconnectedCallback() {
    this.close();
    removeEventListener("pagehide", this.close);
    removeEventListener("pageshow", this.back);
  }

  listen() {
    const url = new URL(this.getAttribute("src") ?? "/live", location);
    url.searchParams.set("token", this.token);
    this.source = new EventSource(url);
    this.source.addEventListener("message", (event) => this.heard(JSON.parse(event.data)));
    this.source.addEventListener("resync", () => this.all());
    this.source.addEventListener("open", () => {
      if (this.broke) this.all(); // something may have been missed
      this.broke = false;
    });
    this.source.addEventListener("error", () => {
      this.broke = true;
      if (this.source.readyState === EventSource.CLOSED) setTimeout(() => this.renew(), 5000);
    });
  }

  // The browser gives up for good when the address has grown too old: ask for a fresh one.
  async renew() {
    if (!this.isConnected || !this.hasAttribute("renew")) return;
    const url = new URL(this.getAttribute("renew"), location);
    url.searchParams.set("token", this.token);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok && !answer.redirected) this.token = (await answer.text()).trim();
    else if (answer) return;
    this.listen();
  }

  all() {
    changed([...document.querySelectorAll("[data-live]")].flatMap((part) => part.dataset.live.split(/\s+/)));
  }

  heard(message) {
    const topics = message.topics ?? (message.topic ? [message.topic] : []);
    document.dispatchEvent(new CustomEvent("kith:changed", { detail: { ...message, topics } }));
    changed(topics);
  }
}
customElements.define("kith-live", KithLive);
