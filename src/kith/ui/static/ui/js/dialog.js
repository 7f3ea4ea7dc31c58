/* A <dialog> that knows when to open and close. Esc and the plain button do nothing else.
 *
 *   <button data-dialog="merge">Merge…</button>
 *   <kith-dialog><dialog id="merge" class="dialog">… <button data-close>Keep</button></dialog></kith-dialog>
 *   <kith-dialog open>…      opens on arrival; inside #dialog-host it is removed when closed
 *   HX-Trigger: kith:close   closes the one that is open
 *
 * Fires kith:opened and kith:closed.
 */
class KithDialog extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    if (!this.dialog) return;
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("click", (event) => this.clicked(event));
    if (this.hasAttribute("open")) this.open();
  }

  open() {
    if (this.dialog.open) return;
    this.cameFrom = document.activeElement;
    this.dialog.showModal();
    (this.dialog.querySelector("[autofocus]") ?? this.dialog.querySelector("[data-close]"))?.focus();
    this.dispatchEvent(new CustomEvent("kith:opened", { bubbles: true }));
  }

  clicked(event) {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      this.dialog.close();
      return;
    }
    // A click beside it closes it, unless something was typed: nothing is ever cleared by accident.
    const box = this.dialog.getBoundingClientRect();
    const beside = event.target === this.dialog && (event.clientX < box.left || event.clientX > box.right
      || event.clientY < box.top || event.clientY > box.bottom);
    if (beside && !this.typed()) this.dialog.close();
  }

  typed() {
    return [...this.dialog.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue);
  }

  closed() {
    this.dispatchEvent(new CustomEvent("kith:closed", { bubbles: true }));
    if (this.cameFrom?.isConnected) this.cameFrom.focus();
    if (this.closest("#dialog-host")) this.remove();
  }
}
customElements.define("kith-dialog", KithDialog);

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const host = opener && document.getElementById(opener.dataset.dialog)?.closest("kith-dialog");
  if (!host) return;
  event.preventDefault();
  host.open();
});

document.addEventListener("kith:close", () => {
  [...document.querySelectorAll("kith-dialog dialog[open]")].pop()?.close();
});
