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
    item.setPointerCapture(event.pointerId);
    item.classList.add("is-dragged");
    const move = ({ clientY }) => {
      const over = this.items.find((each) => each !== item && clientY > each.getBoundingClientRect().top && clientY < each.getBoundingClientRect().bottom);
      if (!over) return;
      const box = over.getBoundingClientRect();
      clientY > box.top + box.height / 2 ? over.after(item) : over.before(item);
    };
    const end = () => {
      item.removeEventListener("pointermove", move);
      item.classList.remove("is-dragged");
      this.settled();
    };
    item.addEventListener("pointermove", move);
    item.addEventListener("lostpointercapture", end, { once: true });
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
