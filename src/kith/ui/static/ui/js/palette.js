/* Find or do: everything by name. Ctrl K opens it anywhere; / opens it where the page has no field of its own for it.
 *
 *   <kith-palette data-src="/search/"><dialog class="palette">… <input role="combobox"> … <div role="listbox"></div></dialog></kith-palette>
 *   <a href="/search/" data-palette>      also opens it (and is a plain page of answers without a script)
 *   The address answers ?q=…&on=<this page> with groups of <a role="option" id href> (macros ui.palette_group, ui.palette_item);
 *   data-post on an option posts instead of following.
 *
 * Arrows choose, Enter goes, Ctrl Enter opens a new tab, Esc closes.
 */
class KithPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    if (!this.dataset.src || !this.dialog) return;
    this.input = this.querySelector("input");
    this.found = this.querySelector("[role=listbox]");
    this.keys = (event) => this.anyKey(event);
    this.clicks = (event) => { if (event.target.closest("[data-palette]")) { event.preventDefault(); this.open(); } };
    document.addEventListener("keydown", this.keys);
    document.addEventListener("click", this.clicks);
    this.input.addEventListener("input", () => { clearTimeout(this.wait); this.wait = setTimeout(() => this.ask(), 90); });
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", (event) => this.clicked(event));
    this.found.addEventListener("pointermove", (event) => this.mark(event.target.closest("[role=option]"), false));
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keys);
    document.removeEventListener("click", this.clicks);
  }

  anyKey(event) {
    const field = event.target.matches?.("input, textarea, select, [contenteditable]");
    const slash = event.key === "/" && !field && !event.defaultPrevented && !document.querySelector('[data-hotkey="/"], kith-hotkeys[off]');
    if (!slash && !((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k")) return;
    event.preventDefault();
    this.open();
  }

  open() {
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.input.select();
    this.ask();
  }

  async ask() {
    const url = new URL(this.dataset.src, location);
    url.searchParams.set("q", this.input.value.trim());
    url.searchParams.set("on", location.pathname); // what is open here comes first
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal }).catch(() => null);
    const found = answer?.ok ? await answer.text().catch(() => null) : null; // typed on while the answer was coming
    if (found === null || signal.aborted) return;
    this.found.innerHTML = found;
    this.found.role = this.options.length ? "listbox" : "status"; // a list of nothing is none
    this.mark(this.options[0]);
  }

  get options() {
    return [...this.found.querySelectorAll("[role=option]")];
  }

  get current() {
    return this.found.querySelector("[aria-selected=true]");
  }

  mark(option, scroll = true) {
    if (option === this.current) return;
    this.current?.setAttribute("aria-selected", "false");
    if (!option) { this.input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    if (scroll) option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const at = this.options.indexOf(this.current), last = this.options.length - 1;
    const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last }[event.key];
    if (to !== undefined) this.mark(this.options[to]);
    else if (event.key === "Enter" && this.current) this.go(this.current, event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  }

  clicked(event) {
    const option = event.target.closest("[role=option]");
    if (option?.hasAttribute("data-post")) { event.preventDefault(); this.go(option, false); }
    if (event.target === this.dialog) this.dialog.close();
  }

  go(option, newTab) {
    this.dialog.close();
    if (option.hasAttribute("data-post")) htmx.ajax("POST", option.getAttribute("href"), { source: this, target: this, swap: "none" });
    else if (newTab) window.open(option.href, "_blank", "noopener");
    else location.assign(option.href);
  }
}
customElements.define("kith-palette", KithPalette);
