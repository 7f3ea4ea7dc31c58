/* Editing where the value stands: double-click or E opens (a plain click on an .editable), Enter saves,
 * Tab saves and goes on, Esc leaves it as it was; leaving the field saves what was changed.
 *
 *   <kith-edit><dl> <dd data-edit="/people/3/edit/phone/"><a class="editable" href="/people/3/edit/phone/">…</a></dd> </dl></kith-edit>
 *   <kith-edit><table> <tr data-edit-base="/people/3/edit/"> <td data-edit="phone">…</td> </tr> </table></kith-edit>
 *   The address answers GET with ui.editing(…) and POST with the cell's new content, or 422 with the form and its error.
 */
class KithEdit extends HTMLElement {
  connectedCallback() {
    this.addEventListener("dblclick", (event) => this.opened(event));
    this.addEventListener("click", (event) => {
      if (event.target.closest(".editable") && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.opened(event);
    });
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("focusin", (event) => this.mark(event.target.closest("[data-edit]")));
    this.addEventListener("focusout", (event) => this.left(event));
    this.addEventListener("reset", (event) => {
      if (event.target.matches("[data-editing]")) { event.preventDefault(); this.revert(this.cell); }
    });
    this.addEventListener("htmx:after:swap", () => this.swapped());
    this.keys = (event) => this.anyKey(event);
    document.addEventListener("keydown", this.keys);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keys);
  }

  get cells() {
    return [...this.querySelectorAll("[data-edit]")];
  }

  address(cell) {
    const own = cell.dataset.edit;
    return own.startsWith("/") ? own : `${cell.closest("[data-edit-base]").dataset.editBase}${own}/`;
  }

  opened(event) {
    const cell = event.target.closest("[data-edit]");
    if (!cell || cell.querySelector("[data-editing]")) return;
    event.preventDefault();
    this.open(cell);
  }

  async open(cell) {
    if (!cell || cell === this.cell) return;
    if (this.cell) this.finish(this.cell);
    this.cell = cell;
    this.before = [...cell.childNodes];
    await htmx.ajax("GET", this.address(cell), { source: cell, target: cell, swap: "innerHTML" });
    const form = cell.querySelector("[data-editing]");
    if (!form) { this.cell = null; return; }
    const field = form.querySelector("input:not([type=hidden]), select, textarea");
    field?.focus();
    field?.select?.();
    this.was = JSON.stringify([...new FormData(form)]);
  }

  mark(cell) {
    if (cell?.matches("td")) this.cells.forEach((each) => each.classList.toggle("cursor", each === cell));
  }

  key(event) {
    const form = event.target.closest("[data-editing]");
    if (!form || event.defaultPrevented) return;
    if (event.key === "Escape") this.revert(this.cell);
    else if (event.key === "Tab") { this.next = event.shiftKey ? -1 : 1; this.finish(this.cell); }
    else if (event.key === "Enter" && (!event.target.matches("textarea, button") || event.ctrlKey)) form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // E opens the first editable cell of the row the cursor is on.
  anyKey(event) {
    if (event.key !== "e" || event.ctrlKey || event.metaKey || event.defaultPrevented || this.cell) return;
    if (event.target.matches?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open], kith-hotkeys[off]")) return;
    const cell = this.querySelector("[data-edit].cursor") ?? event.target.closest?.("[data-edit]")
      ?? this.querySelector("tr.cursor [data-edit]");
    if (!cell || !this.contains(cell)) return;
    event.preventDefault();
    this.open(cell);
  }

  left(event) {
    const form = event.target.closest("[data-editing]");
    if (form && event.relatedTarget && !form.contains(event.relatedTarget)) this.finish(form.closest("[data-edit]"));
  }

  finish(cell) {
    const form = cell?.querySelector("[data-editing]");
    if (!form || form.matches(".htmx-request")) return;
    if (JSON.stringify([...new FormData(form)]) === this.was) { this.revert(cell); this.goOn(cell); } else form.requestSubmit();
  }

  revert(cell) {
    if (!cell || cell !== this.cell) return;
    this.cell = null;
    cell.replaceChildren(...this.before);
    cell.querySelector("a")?.focus();
  }

  swapped() {
    const cell = this.cell;
    if (!cell || cell.querySelector("[data-editing]")) { cell?.querySelector("[aria-invalid]")?.focus(); return; }
    this.cell = null;
    this.goOn(cell);
  }

  goOn(cell) {
    const to = this.next && this.cells[this.cells.indexOf(cell) + this.next];
    this.next = 0;
    if (to) this.open(to);
  }
}
customElements.define("kith-edit", KithEdit);
