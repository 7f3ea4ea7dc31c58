/* Keys and place for a popover menu; opening and closing is the browser's own work.
 *
 *   <kith-menu><button popovertarget="m1" aria-haspopup="menu">More</button>
 *   <div id="m1" class="menu" popover role="menu"><button role="menuitem">…</button></div></kith-menu>
 *   data-sheet on the menu: lies at the foot of the screen on phones
 *
 * Arrows, Home, End and first letters move; choosing closes.
 */
class KithMenu extends HTMLElement {
  connectedCallback() {
    this.menu = this.querySelector("[popover]");
    if (!this.menu) return;
    this.menu.addEventListener("toggle", (event) => this.toggled(event.newState === "open"));
    this.menu.addEventListener("keydown", (event) => this.key(event));
    this.menu.addEventListener("click", (event) => { if (event.target.closest("[role^=menuitem]")) this.menu.hidePopover(); });
    this.button?.setAttribute("aria-expanded", "false");
  }

  get button() {
    return document.querySelector(`[popovertarget="${this.menu.id}"]`);
  }

  get items() {
    return [...this.menu.querySelectorAll("[role^=menuitem]:not(:disabled)")];
  }

  toggled(open) {
    this.button?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    if (!this.menu.hasAttribute("data-sheet") || innerWidth >= 720) this.place();
    if (!this.menu.contains(document.activeElement)) this.items[0]?.focus();
  }

  place() {
    const from = [...document.querySelectorAll(`[popovertarget="${this.menu.id}"]`)].find((b) => b.offsetParent) ?? this;
    const button = from.getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: high } = this.menu;
    const end = getComputedStyle(this).direction === "rtl" ? button.right - wide : button.left;
    const left = end + wide > innerWidth - 8 ? button.right - wide : end;
    const below = button.bottom + high + 8 < innerHeight || button.top - high < 8;
    Object.assign(this.menu.style, {
      positionArea: "none", positionTryFallbacks: "none", inset: "auto", margin: "0",
      left: `${Math.max(8, left)}px`, top: `${below ? button.bottom + 4 : button.top - high - 4}px`,
    });
  }

  key(event) {
    const at = this.items.indexOf(document.activeElement);
    const last = this.items.length - 1;
    const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.items[to]?.focus();
    } else if (event.key === "Tab") {
      this.menu.hidePopover();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const letter = event.key.toLowerCase();
      const order = [...this.items.slice(at + 1), ...this.items.slice(0, at + 1)];
      const hit = order.find((item) => item.textContent.trim().toLowerCase().startsWith(letter));
      if (hit && letter !== " ") { event.preventDefault(); event.stopPropagation(); hit.focus(); }
    }
  }
}
customElements.define("kith-menu", KithMenu);
