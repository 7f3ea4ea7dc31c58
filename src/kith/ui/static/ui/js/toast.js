/* What happened, at the foot of the page, for 8 s; longer while looked at. Errors stay until closed.
 *
 *   <kith-toasts class="toasts" data-sprite="/static/ui/icons.svg" data-undo="Undo" data-words-close="Close"></kith-toasts>
 *   HX-Trigger: {"kith:toast": {"message": "Call logged", "undo": "/undo/81/", "tone": "late"}}
 *   document.querySelector("kith-toasts").show({ message, undo, tone })
 *
 * The undo button posts to the address. Toasts the server wrote into the page are taken over. While a dialog is open
 * everything outside it is inert, so the region stands inside the newest one, and in the top layer of the page.
 */
const STAY = 8000;
const MOST = 3;

class KithToasts extends HTMLElement {
  kept = new WeakSet();
  watch = new MutationObserver(() => this.place());
  listen = ({ detail }) => this.show(detail);

  connectedCallback() {
    document.addEventListener("kith:toast", this.listen);
    this.watch.observe(document.documentElement, { attributeFilter: ["open"], subtree: true });
    this.popover = "manual";
    this.showPopover();
    [...this.children].forEach((toast) => this.keep(toast));
  }

  disconnectedCallback() {
    document.removeEventListener("kith:toast", this.listen);
    this.watch.disconnect();
    queueMicrotask(() => this.isConnected || this.place()); // its dialog was swapped away
  }

  place() {
    const home = [...document.querySelectorAll("dialog:modal")].pop() ?? document.body;
    if (this.parentElement !== home) home.append(this);
  }

  show({ message, undo, tone }) {
    if (!message) return;
    const bad = tone === "late";
    const toast = Object.assign(document.createElement("div"), { className: "toast" });
    toast.setAttribute("role", bad ? "alert" : "status");
    if (bad) toast.dataset.tone = "late";
    toast.append(this.icon(bad ? "alert" : "check"), Object.assign(document.createElement("span"), { textContent: message }));
    if (undo) toast.append(this.undoButton(undo, toast));
    this.append(toast);
    this.keep(toast);
    while (this.children.length > MOST) this.firstElementChild.remove();
  }

  icon(name) {
    const box = document.createElement("template");
    box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${this.dataset.sprite}#${name}"/></svg>`;
    return box.content.firstChild;
  }

  undoButton(url, toast) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: this.dataset.undo });
    button.dataset.undo = url;
    button.addEventListener("click", () => {
      button.disabled = true;
      htmx.ajax("POST", url, { source: this, target: this, swap: "none" }).finally(() => toast.remove());
    });
    return button;
  }

  keep(toast) {
    if (!toast.matches(".toast") || this.kept.has(toast)) return;
    this.kept.add(toast);
    const stays = toast.dataset.tone === "late";
    if (stays) return this.closable(toast);
    let left = STAY, since = 0, timer;
    const run = () => { since = Date.now(); timer = setTimeout(() => toast.remove(), left); };
    const pause = () => { clearTimeout(timer); left -= Date.now() - since; };
    toast.addEventListener("mouseenter", pause);
    toast.addEventListener("mouseleave", run);
    toast.addEventListener("focusin", pause);
    toast.addEventListener("focusout", run);
    run();
  }

  closable(toast) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "close", ariaLabel: this.dataset.wordsClose });
    button.append(this.icon("x"));
    button.addEventListener("click", () => toast.remove());
    toast.append(button);
  }
}
customElements.define("kith-toasts", KithToasts);
