/* Single keys for people who live here. They rest while a field has the focus, and can be switched off.
 *
 *   <kith-hotkeys data-places="p /people/ d /deals/" data-title="All keys" data-words-close="Close"><template><span data-key="J K">Down, up</span></template></kith-hotkeys>
 *   off: only Ctrl keys work. The template names keys that other behaviours listen for.
 *   <a data-hotkey="c" href="/people/new/">      pressing C follows, presses or (a field) focuses it
 *   <button data-hotkey="Shift M">      a focused row or card is looked through before the page
 *
 * G then a letter goes to a place, ? lists all keys, U and Ctrl Z press the newest Undo, Ctrl Enter sends the form.
 */
const isField = (el) => el?.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]");

class KithHotkeys extends HTMLElement {
  connectedCallback() {
    this.listen = (event) => this.key(event);
    document.addEventListener("keydown", this.listen);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listen);
  }

  key(event) {
    if (event.defaultPrevented || event.isComposing) return;
    const mod = event.ctrlKey || event.metaKey;
    if (mod && event.key === "Enter") return this.send(event);
    if (isField(event.target) || event.altKey) return;
    const key = (event.shiftKey && /^[a-z]$/i.test(event.key) ? "shift " : "") + event.key.toLowerCase();
    if (mod && key === "z") return this.press(event, this.undo());
    if (mod || this.hasAttribute("off")) return;
    if (this.goes) return this.go(event, key);
    if (key === "g" && this.dataset.places) { this.goes = setTimeout(() => { this.goes = null; }, 1500); return; }
    if (key === "u") return this.press(event, this.undo());
    if (key === "?") return this.list(event);
    this.press(event, this.find(key, event.target));
  }

  find(key, from) {
    const open = [...document.querySelectorAll("dialog[open]")].pop();
    const near = from?.closest?.("tr, li, .deal");
    for (const place of [near, open ?? document]) {
      const hits = [...(place?.querySelectorAll("[data-hotkey]") ?? [])].filter((el) => el.dataset.hotkey.toLowerCase() === key);
      const shown = hits.find((el) => el.getClientRects().length && !el.matches(":disabled, [aria-disabled=true]"));
      if (shown) return shown;
    }
    return null;
  }

  press(event, target) {
    if (!target) return;
    event.preventDefault();
    if (isField(target)) { target.focus(); target.select?.(); } else target.click();
  }

  undo() {
    return [...document.querySelectorAll(".toast [data-undo]")].pop();
  }

  go(event, key) {
    clearTimeout(this.goes);
    this.goes = null;
    const words = this.dataset.places.trim().split(/\s+/);
    const at = words.indexOf(key);
    if (at < 0 || at % 2) return;
    event.preventDefault();
    location.assign(words[at + 1]);
  }

  send(event) {
    const form = event.target.closest("form") ?? document.querySelector("dialog[open] form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-submit]") ?? undefined);
  }

  words(el) {
    const copy = el.cloneNode(true);
    copy.querySelectorAll("kbd, .n").forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  list(event) {
    event.preventDefault();
    const seen = new Map([...document.querySelectorAll("[data-hotkey]")].filter((el) => el.getClientRects().length)
      .map((el) => [el.dataset.hotkey, el.ariaLabel || el.placeholder || this.words(el)]));
    const make = (tag, more, ...inside) => { const el = Object.assign(document.createElement(tag), more); el.append(...inside); return el; };
    const rows = make("dl");
    const add = (keys, words) => rows.append(make("dt", {}, ...keys.split(" ").map((key) => make("kbd", {}, key))), make("dd", {}, words));
    this.querySelector("template")?.content.querySelectorAll("[data-key]").forEach((el) => add(el.dataset.key, el.textContent));
    seen.forEach((words, key) => add(key.length === 1 ? key.toUpperCase() : key, words));
    const close = make("button", { type: "button", className: "button" }, this.dataset.wordsClose);
    close.dataset.close = "";
    const dialog = make("dialog", { className: "dialog dialog-wide keys-dialog", ariaLabel: this.dataset.title },
      make("h2", {}, this.dataset.title), rows, make("footer", {}, close));
    const host = make("kith-dialog", {}, dialog);
    document.getElementById("dialog-host").append(host);
    host.open();
  }
}
customElements.define("kith-hotkeys", KithHotkeys);
