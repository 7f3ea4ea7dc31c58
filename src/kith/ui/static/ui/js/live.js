/* What colleagues change appears here within a second, and never under one's own hands.
 *
 *   <kith-live token="…" topics="person deal"></kith-live>      listens to /live?token=…&topics=…
 *   <section data-live="person:3 deal" data-live-src="/people/3/panel/deals/">      refetches itself when one of them changes
 *   HX-Trigger: {"record-changed": {"types": ["person:3"]}}      the same, after one's own change
 *
 * Messages are JSON: {"topics": ["person", "person:3"], …}. Each is fired on document as kith:changed with that as detail.
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
    if (this.getAttribute("token")) this.listen();
    this.close = () => this.source?.close();
    addEventListener("pagehide", this.close);
  }

  disconnectedCallback() {
    this.close();
    removeEventListener("pagehide", this.close);
  }

  get topics() {
    const asked = (this.getAttribute("topics") ?? "").split(/\s+/);
    const shown = [...document.querySelectorAll("[data-live]")].flatMap((part) => part.dataset.live.split(/\s+/));
    return [...new Set([...asked, ...shown])].filter(Boolean);
  }

  listen() {
    const url = new URL(this.getAttribute("src") ?? "/live", location);
    url.searchParams.set("token", this.getAttribute("token"));
    if (this.topics.length) url.searchParams.set("topics", this.topics.join(","));
    this.source = new EventSource(url);
    this.source.addEventListener("message", (event) => this.heard(event.data));
    this.source.addEventListener("open", () => {
      if (this.broke) changed(this.topics); // something may have been missed
      this.broke = false;
    });
    this.source.addEventListener("error", () => { this.broke = true; });
  }

  heard(data) {
    let message;
    try { message = JSON.parse(data); } catch { return; } // a ping
    const topics = message.topics ?? (message.topic ? [message.topic] : []);
    document.dispatchEvent(new CustomEvent("kith:changed", { detail: { ...message, topics } }));
    changed(topics);
  }
}
customElements.define("kith-live", KithLive);
