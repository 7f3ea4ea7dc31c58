/* Colleagues named while writing: "@" and a few letters offer them, and the name is written out.
 *
 *   <kith-mention src="/pick/user"><textarea></textarea><div class="options" role="listbox" hidden></div></kith-mention>
 *   The address answers ?q=… with <div role="option" data-text> rows (macro ui.option).
 *
 * Arrows choose, Enter or Tab takes, Esc closes. On pages with a composer; the name typed in full does the same without it.
 */
class KithMention extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("textarea");
    this.list = this.querySelector("[role=listbox]");
    this.field.addEventListener("input", () => { clearTimeout(this.wait); this.wait = setTimeout(() => this.ask(), 120); });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  // What stands between "@" and the caret: a first name, perhaps with the beginning of a second. Undefined: nobody is meant.
  get begun() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    return /(?:^|[\s(])@([\p{L}\p{N}'’.-]*(?: [\p{L}\p{N}'’.-]*)?)$/u.exec(before)?.[1];
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  get current() {
    return this.list.querySelector("[aria-selected=true]");
  }

  async ask() {
    const begun = this.begun;
    if (begun === undefined || begun.trim() === this.taken) return this.close();
    const url = new URL(this.getAttribute("src"), location);
    url.searchParams.set("q", begun.trim());
    const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || this.begun !== begun || document.activeElement !== this.field) return;
    this.list.innerHTML = await answer.text();
    this.options.forEach((option, n) => { option.id = `${this.list.id}-${n}`; });
    if (!this.options.length) return this.close();
    this.list.hidden = false;
    this.mark(this.options[0]);
  }

  mark(option) {
    this.current?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", option.id);
  }

  close() {
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (this.list.hidden || event.ctrlKey || event.metaKey) return;
    const at = this.options.indexOf(this.current), last = this.options.length - 1;
    const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last }[event.key];
    if (to !== undefined) this.mark(this.options[to]);
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.current);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(option) {
    const end = this.field.selectionStart;
    if (!option || this.begun === undefined) return this.close();
    this.taken = option.dataset.text;
    this.field.setRangeText(`${this.taken} `, end - this.begun.length, end, "end");
    this.close();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
if (!customElements.get("kith-mention")) customElements.define("kith-mention", KithMention);
