/* Picking rows: click, Shift click for a range, X, Shift X; J and K walk, Enter opens (the row's link has the focus).
 *
 *   <kith-selection><table> <tr id="…"><td class="pick"><input type="checkbox" name="pick" form="picks"></td>… </table>
 *   <form class="bulkbar" id="picks"><span data-picked data-words="{n} picked"></span> <input type="checkbox" data-pick-every> </form></kith-selection>
 *   [data-pick-all] ticks the page, [data-pick-every] means all that match, [data-put-down] unticks everything
 *
 * Rows are aria-selected while picked.
 */
class KithSelection extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("change", (event) => this.changed(event));
    this.addEventListener("reset", () => setTimeout(() => this.sync()));
    this.addEventListener("htmx:after:swap", () => this.sync());
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    this.sync();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keys);
  }

  get boxes() {
    return [...this.querySelectorAll("tbody .pick input")];
  }

  get rows() {
    return [...this.querySelectorAll("tbody tr")];
  }

  clicked(event) {
    const box = event.target.closest("tbody .pick input");
    if (box) {
      if (event.shiftKey && this.last) this.range(this.last, box, box.checked);
      this.last = box;
    }
    if (event.target.closest("[data-put-down]")) {
      event.preventDefault();
      this.querySelectorAll(".pick input, [data-pick-every]").forEach((each) => { each.checked = false; });
      this.sync();
    } else if (box) this.sync(); // any other box is read when it has changed
  }

  changed({ target }) {
    if (target.matches("[data-pick-all]")) this.boxes.forEach((box) => { box.checked = target.checked; });
    const every = this.querySelector("[data-pick-every]");
    if (every && target !== every && !target.checked) every.checked = false;
    if (target === every && every.checked) this.boxes.forEach((box) => { box.checked = true; });
    this.sync();
  }

  range(from, to, on) {
    const [a, b] = [this.boxes.indexOf(from), this.boxes.indexOf(to)].sort((x, y) => x - y);
    if (a >= 0) this.boxes.slice(a, b + 1).forEach((box) => { box.checked = on; });
  }

  sync() {
    const picked = this.boxes.filter((box) => box.checked);
    this.boxes.forEach((box) => {
      if (box.checked) box.closest("tr").setAttribute("aria-selected", "true");
      else box.closest("tr").removeAttribute("aria-selected");
    });
    const all = this.querySelector("[data-pick-all]");
    if (all) Object.assign(all, { checked: picked.length > 0 && picked.length === this.boxes.length, indeterminate: picked.length > 0 && picked.length < this.boxes.length });
    const every = this.querySelector("[data-pick-every]");
    const words = this.querySelector("[data-picked]");
    if (words) words.textContent = words.dataset.words.replace("{n}", every?.checked ? every.dataset.total : picked.length);
  }

  key(event) {
    const typing = event.target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.defaultPrevented || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], kith-hotkeys[off]") || document.querySelector("kith-selection") !== this) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") this.walk(key === "j" ? 1 : -1);
    else if (key === "x") this.pick(event.shiftKey);
    else return;
    event.preventDefault();
  }

  walk(by) {
    const at = this.rows.findIndex((row) => row.classList.contains("cursor"));
    const row = this.rows[Math.min(this.rows.length - 1, Math.max(0, at + by))];
    if (!row) return;
    this.rows[at]?.classList.remove("cursor");
    row.classList.add("cursor");
    (row.querySelector("a") ?? row.querySelector("input"))?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  pick(range) {
    const box = this.querySelector("tr.cursor .pick input");
    if (!box) return;
    box.checked = range || !box.checked;
    if (range && this.last) this.range(this.last, box, true);
    this.last = box;
    this.sync();
  }
}
customElements.define("kith-selection", KithSelection);
