/* Several values of one kind: adds rows from a template and takes rows out.
 *
 *   <kith-rows next="2"><div data-row>… <button data-remove hidden></div> <template>… name="emails-__n__-value" …</template>
 *   <button data-add hidden>Add another</button></kith-rows>
 *
 * Without a script one empty row stands ready. Fires change when a row is taken out.
 */
class KithRows extends HTMLElement {
  connectedCallback() {
    this.add = this.querySelector(":scope > [data-add]");
    if (!this.add) return;
    this.next = Number(this.getAttribute("next"));
    this.add.hidden = false;
    this.show();
    this.add.addEventListener("click", () => this.more());
    this.addEventListener("click", (event) => this.takeOut(event.target.closest("[data-remove]")));
  }

  show() {
    this.querySelectorAll("[data-remove]").forEach((button) => { button.hidden = false; });
  }

  more() {
    const text = this.querySelector("template").innerHTML.replaceAll("__n__", this.next++);
    const row = document.createRange().createContextualFragment(text).firstElementChild;
    this.querySelector("template").before(row);
    this.show();
    row.querySelector("input")?.focus();
  }

  takeOut(button) {
    const row = button?.closest("[data-row]");
    if (!row) return;
    const main = row.querySelector("input[type=radio]:checked");
    row.remove();
    if (main) this.querySelectorAll("input[type=radio]")[0]?.click();
    if (!this.querySelector("[data-row]")) this.more();
    this.add.focus();
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
customElements.define("kith-rows", KithRows);
