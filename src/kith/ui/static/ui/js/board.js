/* Cards that move between lanes: by drag (long press on touch), or M and a choice by keyboard. What drags (Sortable) is loaded
 * from data-sortable when a pointer first comes over the board, or at once where fingers are used.
 *
 *   <kith-board field="stage" data-move-words="Move to"><div class="board">
 *     <section data-lane="3"><ul class="lane-cards"> <li class="deal" id="deal-9" tabindex="0" data-move="/deals/9/move/" data-lost="…" data-won="…"> </ul></section></div>
 *     <div data-drops><ul><li data-drop="price" data-outcome="lost" data-field="reason">Price</li></ul></div></kith-board>
 *
 * Posts {<field>: lane, before: id of the card below or ""} to data-move; a drop posts {<data-field>: value} to data-lost or
 * data-won. The answer brings the lanes it changed (hx-swap-oob); 422 goes to #dialog-host and the card goes back.
 */
class KithBoard extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("htmx:after:swap", () => this.arm());
    if (matchMedia("(any-pointer: coarse)").matches) this.load();
    else this.addEventListener("pointerover", () => this.load(), { once: true });
  }

  load() {
    if (window.Sortable) return this.arm();
    const script = Object.assign(document.createElement("script"), { src: this.dataset.sortable });
    script.addEventListener("load", () => this.arm());
    document.head.append(script);
  }

  arm() {
    if (!window.Sortable) return;
    for (const list of this.querySelectorAll(".lane-cards, [data-drop]")) {
      if (Sortable.get(list)) continue;
      Sortable.create(list, {
        group: this.id || "board", draggable: "[data-move]", animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 180,
        delay: 180, delayOnTouchOnly: true, touchStartThreshold: 4, sort: !list.matches("[data-drop]"), scroll: true,
        onStart: ({ item, from }) => { this.home = [from, item.nextElementSibling]; },
        onMove: ({ to }) => { this.over(to); },
        onEnd: ({ item, from, to, oldIndex, newIndex }) => {
          this.over(null);
          if (from !== to || oldIndex !== newIndex) this.move(item, to);
        },
      });
    }
  }

  over(list) {
    this.querySelectorAll("[data-over]").forEach((place) => place.removeAttribute("data-over"));
    (list?.closest("[data-lane]") ?? list)?.setAttribute("data-over", "");
  }

  async move(card, list) {
    const drop = list.matches("[data-drop]") && list.dataset;
    const url = drop ? card.dataset[drop.outcome] ?? card.dataset.move : card.dataset.move;
    const values = drop ? { [drop.field ?? this.getAttribute("field")]: drop.drop }
      : { [this.getAttribute("field")]: list.closest("[data-lane]").dataset.lane, before: card.nextElementSibling?.id ?? "" };
    card.setAttribute("aria-busy", "true");
    const failed = ({ detail: { ctx } }) => { if (ctx.sourceElement === card) back(); };
    const back = () => { this.home?.[0].insertBefore(card, this.home[1]); this.home = null; };
    document.addEventListener("htmx:response:error", failed);
    document.addEventListener("htmx:error", failed);
    await htmx.ajax("POST", url, { source: card, target: card, swap: "none", values });
    document.removeEventListener("htmx:response:error", failed);
    document.removeEventListener("htmx:error", failed);
    card.removeAttribute("aria-busy");
    this.arm();
  }

  key(event) {
    const card = event.target.closest("[data-move]");
    if (!card || event.target !== card || event.ctrlKey || event.metaKey || document.querySelector("kith-hotkeys[off]")) return;
    const lane = card.closest("[data-lane]");
    const lanes = [...this.querySelectorAll("[data-lane]")];
    const beside = (by) => lanes[lanes.indexOf(lane) + by]?.querySelector("[data-move]");
    const sibling = (el) => (el?.matches("[data-move]") ? el : null);
    const to = { ArrowRight: () => beside(1), ArrowLeft: () => beside(-1),
      ArrowDown: () => sibling(card.nextElementSibling), j: () => sibling(card.nextElementSibling),
      ArrowUp: () => sibling(card.previousElementSibling), k: () => sibling(card.previousElementSibling) }[event.key]?.();
    if (event.key === "m") this.ask(card, lane);
    else if (event.key === "Enter") card.querySelector("a")?.click();
    else if (to) to.focus();
    else return;
    event.preventDefault();
  }

  ask(card, lane) {
    const menu = Object.assign(document.createElement("div"), { className: "menu", popover: "auto", id: "board-move", role: "menu", ariaLabel: this.dataset.moveWords });
    const host = document.createElement("kith-menu");
    for (const place of this.querySelectorAll("[data-lane], [data-drop]")) {
      if (place === lane) continue;
      const words = place.dataset.words ?? (place.querySelector("h2") ?? place).firstChild.textContent.trim();
      const choice = Object.assign(document.createElement("button"), { type: "button", role: "menuitem", textContent: words });
      choice.addEventListener("click", () => this.place(card, place.querySelector(".lane-cards") ?? place));
      menu.append(choice);
    }
    host.append(menu);
    card.append(host);
    menu.addEventListener("toggle", ({ newState }) => { if (newState === "closed") { host.remove(); card.focus(); } });
    menu.showPopover();
    host.items[0]?.focus(); // at once: the next key may come before the menu says that it is open
  }

  place(card, list) {
    this.home = [card.parentElement, card.nextElementSibling];
    list.prepend(card);
    this.move(card, list).then(() => document.getElementById(card.id)?.focus());
  }
}
customElements.define("kith-board", KithBoard);
