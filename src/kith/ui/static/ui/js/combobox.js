/* Pick by typing: asks its address for rows, keeps the value in a hidden field.
 *
 *   <kith-combobox src="/companies/pick/" field="company" create="Add company">
 *     <input type="hidden" name="company"><input role="combobox" …><div role="listbox" hidden></div></kith-combobox>
 *   multiple: the chosen stand as ticked boxes in .chosen; unticking takes one out
 *   field: the name of its values; not "name", which would make htmx send the element itself beside its hidden field
 *   create: words of the row that takes what was typed as something new (sent as <name>_new)
 *   The address answers ?q=… with <div role="option" data-value data-text> rows (macro ui.option).
 *
 * Arrows choose, Enter takes, Esc closes. Fires change on itself, with detail {value, text}.
 */
class KithCombobox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("[role=combobox]");
    this.list = this.querySelector("[role=listbox]");
    this.store = this.querySelector("input[type=hidden]");
    this.multiple = this.hasAttribute("multiple");
    this.input.removeAttribute("name"); // the hidden field speaks now
    this.taken = this.input.value;
    this.input.addEventListener("input", () => { clearTimeout(this.wait); this.wait = setTimeout(() => this.ask(), 150); });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("click", () => this.list.hidden && this.ask());
    this.addEventListener("focusout", (event) => { if (!this.contains(event.relatedTarget)) this.leave(); });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  get options() { return [...this.list.querySelectorAll("[role=option]")]; }

  get current() {
    return this.list.querySelector("[aria-selected=true]");
  }

  async ask() {
    const typed = this.input.value.trim();
    const url = new URL(this.getAttribute("src"), location);
    url.searchParams.set("q", typed === this.taken ? "" : typed);
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal }).catch(() => null);
    const rows = answer?.ok ? await answer.text().catch(() => null) : null;
    if (rows === null || signal.aborted || !this.contains(document.activeElement)) return;
    this.list.innerHTML = rows;
    if (typed && typed !== this.taken && this.hasAttribute("create")) this.offer(typed);
    this.options.forEach((option, n) => { option.id ||= `${this.list.id}-${n}`; });
    this.list.role = this.options.length ? "listbox" : "status"; // a list of nothing is none
    this.show(this.list.childElementCount > 0);
    this.mark(this.options[0]);
  }

  offer(typed) {
    const row = document.createElement("div");
    row.setAttribute("role", "option");
    Object.assign(row.dataset, { new: "", text: typed });
    row.textContent = `${this.getAttribute("create")} “${typed}”`;
    this.list.append(row);
  }

  show(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (open) return;
    this.input.removeAttribute("aria-activedescendant");
    clearTimeout(this.wait); // what was typed before must not open the list again when its answer comes
    this.asking?.abort();
  }

  mark(option) {
    this.current?.setAttribute("aria-selected", "false");
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  key(event) {
    if (this.list.hidden) {
      if (event.key === "ArrowDown") { event.preventDefault(); this.ask(); }
      return;
    }
    const at = this.options.indexOf(this.current), last = this.options.length - 1;
    const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last }[event.key];
    if (to !== undefined) this.mark(this.options[to]);
    else if (event.key === "Enter" && this.current) this.take(this.current);
    else if (event.key === "Escape") this.show(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(option) {
    if (!option) return;
    const { value = "", text } = option.dataset;
    const name = "new" in option.dataset ? `${this.getAttribute("field")}_new` : this.getAttribute("field");
    if (this.multiple) this.addChoice(name, value || text, text);
    else Object.assign(this.store, { name, value: value || text });
    this.input.value = this.taken = this.multiple ? "" : text;
    this.show(false);
    this.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: { value, text } }));
  }

  addChoice(name, value, text) {
    const label = Object.assign(document.createElement("label"), { className: "choice" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name, value, checked: true });
    label.append(box, Object.assign(document.createElement("span"), { textContent: text }));
    this.querySelector(".chosen").append(label);
  }

  // Emptied means nothing is chosen; words that were not taken go back to what was.
  leave() {
    this.show(false);
    if (this.multiple) { this.input.value = ""; return; }
    if (!this.input.value.trim()) Object.assign(this.store, { name: this.getAttribute("field"), value: "" });
    else this.input.value = this.taken;
    if (!this.input.value) this.taken = "";
  }
}
customElements.define("kith-combobox", KithCombobox);
