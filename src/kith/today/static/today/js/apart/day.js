/* The day by keys: J and K walk its rows, Space finishes the row in hand. All other keys are the rows' own buttons.
 *
 *   <kith-day> … <ul class="work"><li><form><button class="tick"></form> <div class="who"><a href>Name</a> … </kith-day>
 *
 * The row's name holds the focus, so that Enter opens it. Space is only taken there: elsewhere it scrolls or presses.
 * late="3": the figure beside the place follows when the part has asked for itself again.
 */
class KithDay extends HTMLElement {
  static observedAttributes = ["late"];

  attributeChangedCallback(_name, before, now) {
    const place = before === null ? null : document.querySelector(".side ul a[href='/']");
    const figure = place?.querySelector(".n") ?? place?.appendChild(Object.assign(document.createElement("span"), { className: "n" }));
    if (!figure) return;
    figure.dataset.tone = "late";
    figure.textContent = now;
    figure.hidden = !now;
  }

  connectedCallback() {
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keys);
  }

  get names() {
    return [...this.querySelectorAll(".work > li .who a, .loose > li a.plain-link")];
  }

  key(event) {
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (event.defaultPrevented || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], kith-hotkeys[off]")) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") this.walk(key === "j" ? 1 : -1);
    else if (key === " " && this.names.includes(event.target)) event.target.closest("li").querySelector("button.tick")?.click();
    else return;
    event.preventDefault();
  }

  walk(by) {
    const names = this.names, here = document.activeElement?.closest?.("li");
    const at = names.findIndex((name) => name.closest("li") === here);
    const next = names[at < 0 ? 0 : Math.min(names.length - 1, Math.max(0, at + by))];
    next?.focus({ preventScroll: true });
    next?.closest("li").scrollIntoView({ block: "nearest" });
  }
}
if (!customElements.get("kith-day")) customElements.define("kith-day", KithDay);
