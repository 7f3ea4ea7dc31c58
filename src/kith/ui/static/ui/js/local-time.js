/* Keeps "4 min" true while the page stays open.
 *
 *   <kith-local-time now="now" min="{n} min" h="{n} h"></kith-local-time>
 *   <time datetime="2026-03-12T09:30:00Z" data-ago>4 min</time>      is rewritten every 30 s while it is of today
 */
class KithLocalTime extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.tick(), 30000);
    this.shown = () => { if (!document.hidden) this.tick(); };
    document.addEventListener("visibilitychange", this.shown);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.shown);
  }

  tick() {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60000);
      if (!(minutes >= 0) || minutes >= 24 * 60) continue;
      const [words, n] = minutes < 1 ? ["now", 0] : minutes < 60 ? ["min", minutes] : ["h", Math.floor(minutes / 60)];
      const text = this.getAttribute(words).replace("{n}", n);
      if (time.textContent !== text) time.textContent = text;
    }
  }
}
customElements.define("kith-local-time", KithLocalTime);
