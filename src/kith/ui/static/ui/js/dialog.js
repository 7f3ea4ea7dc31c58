/* A <dialog> that knows when to open and close. Esc and the plain button do nothing else.
 *
 *   <button data-dialog="merge">Merge…</button>
 *   <kith-dialog><dialog id="merge" class="dialog">… <button data-close>Keep</button></dialog></kith-dialog>
 *   <kith-dialog open>…      opens on arrival; inside #dialog-host it is removed when closed
 *   HX-Trigger: kith:close   closes the one that is open
 */
const FIELDS = ":is(input:not([type=hidden]), select, textarea):enabled:not([tabindex='-1'])";
const WRITTEN = "input:not([type=hidden], [type=checkbox], [type=radio], [role=combobox]), textarea";
let newest = null; // the one opened last and not closed yet: an answer may take its place

class KithDialog extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    if (!this.dialog) return;
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("click", (event) => this.clicked(event));
    this.dialog.addEventListener("change", (event) => { this.chosen ||= !event.target.matches(WRITTEN); });
    if (this.hasAttribute("open")) this.open();
  }

  // The same question came back (something was missing): the way back and what was typed belong to the new one.
  disconnectedCallback() {
    setTimeout(() => { if (newest === this) newest = null; });
  }

  open() {
    if (this.dialog.open) return;
    const replaced = newest?.isConnected ? null : newest;
    this.cameFrom = replaced?.cameFrom ?? document.activeElement;
    this.chosen = Boolean(replaced?.touched);
    newest = this;
    this.dialog.showModal();
    this.start()?.focus();
  }

  // What is wrong comes first, then what is asked; where nothing is asked, the safe choice.
  start() {
    const shown = (selector) => [...this.dialog.querySelectorAll(selector)].find((el) => el.getClientRects().length);
    return shown("[aria-invalid=true]") ?? shown("[autofocus]") ?? shown(FIELDS) ?? shown("[data-close]");
  }

  clicked(event) {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      this.dialog.close();
      return;
    }
    // A click beside it closes it, unless something was typed or chosen: nothing is ever cleared by accident.
    const box = this.dialog.getBoundingClientRect();
    const beside = event.target === this.dialog && (event.clientX < box.left || event.clientX > box.right
      || event.clientY < box.top || event.clientY > box.bottom);
    if (beside && !this.touched) this.dialog.close();
  }

  get touched() {
    return this.chosen || [...this.dialog.querySelectorAll(WRITTEN)].some((field) => field.value !== field.defaultValue);
  }

  closed() {
    newest = null;
    this.wayBack()?.focus();
    if (this.closest("#dialog-host")) this.remove();
  }

  // A line of a menu is no longer there to be focused: its button is.
  wayBack() {
    const from = this.cameFrom;
    const menu = from?.closest?.("[popover]");
    if (menu) return [...document.querySelectorAll(`[popovertarget="${menu.id}"]`)].find((el) => el.getClientRects().length);
    return from;
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
