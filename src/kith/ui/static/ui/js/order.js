/* A list put in order by dragging; its own up and down buttons do the same without a round trip.
 *
 *   <kith-order><ol><li data-item><span class="grip"></span> … <button data-up>…</button><button data-down>…</button></li> …</ol></kith-order>
 *
 * The order is that of the fields inside, so the form it stands in sends it. Fires change on itself.
 */
class KithOrder extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.pressed(event));
    this.addEventListener("pointerdown", (event) => this.taken(event));
  }

  get items() {
    return [...this.querySelectorAll("[data-item]")];
  }

  pressed(event) {
    const button = event.target.closest("[data-up], [data-down]");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    const item = button.closest("[data-item]");
    const up = "up" in button.dataset;
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    up ? other.before(item) : other.after(item);
    this.settled();
    (button.disabled ? item.querySelector(up ? "[data-down]" : "[data-up]") : button).focus();
  }

  taken(event) {
    const item = event.target.closest(".grip")?.closest("[data-item]");
    if (!item || event.button) return;
    event.preventDefault();
    item.classList.add("is-dragged");
    const move = ({ clientY }) => this.draw(item, clientY);
    const end = () => {
      stop.abort();
      item.classList.remove("is-dragged");
      this.settled();
    };
    // Not a pointer capture: an item that is put elsewhere in the page loses it.
    const stop = new AbortController();
    document.addEventListener("pointermove", move, { signal: stop.signal });
    ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, end, { signal: stop.signal }));
  }

  draw(item, y) {
    const others = this.items.filter((each) => each !== item);
    const next = others.find((each) => { const box = each.getBoundingClientRect(); return y < box.top + box.height / 2; });
    if (next ? next === item.nextElementSibling : item === this.items.at(-1)) return;
    next ? next.before(item) : others.at(-1)?.after(item);
  }

  settled() {
    const items = this.items;
    items.forEach((item, n) => {
      item.querySelectorAll("[data-up]").forEach((button) => { button.disabled = n === 0; });
      item.querySelectorAll("[data-down]").forEach((button) => { button.disabled = n === items.length - 1; });
    });
    this.dispatchEvent(new CustomEvent("change", { bubbles: true }));
  }
}
customElements.define("kith-order", KithOrder);
