/* The box of the ticket desk: ready answers go into it, colleagues see that somebody writes, the two kinds share one box.
 *
 *   <kith-ticket here="/tickets/5/here"> <form> … <select name="ready"><option data-words="…" data-then="wait"> … <a data-kind-of="note">
 */
"use strict";
globalThis.KithTicket ??= class KithTicket extends HTMLElement {
  connectedCallback() {
    this.wrote = 0;
    this.addEventListener("input", (event) => { if (event.target === this.box) this.tell(true); });
    this.addEventListener("change", (event) => this.ready(event));
    this.addEventListener("click", (event) => this.turn(event));
    this.tell(false);
    this.beat = setInterval(() => this.tell(false), 20000);
  }

  disconnectedCallback() {
    clearInterval(this.beat);
  }

  get box() {
    return this.querySelector("textarea");
  }

  ready(event) {
    if (event.target.name !== "ready" || !this.box) return;
    const chosen = event.target.selectedOptions[0];
    const said = chosen?.dataset.words;
    if (!said) return;
    this.box.value = this.box.value.trim() ? `${this.box.value.trimEnd()}\n\n${said}` : said;
    const then = this.querySelector("[name=then]");
    if (then && chosen.dataset.then) then.value = chosen.dataset.then;
    this.box.focus();
  }

  turn(event) {
    const link = event.target.closest("[data-kind-of]");
    if (!link) return;
    event.preventDefault();
    const form = this.querySelector("form");
    form.elements.kind.value = link.dataset.kindOf;
    if (link.dataset.kindOf === "note") form.dataset.kind = "internal";
    else delete form.dataset.kind;
    for (const one of this.querySelectorAll("[data-kind-of]")) {
      if (one === link) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    this.box.setAttribute("aria-label", link.textContent.trim());
    this.box.focus();
  }

  tell(writes) {
    if (document.hidden || (writes && Date.now() - this.wrote < 5000)) return;
    if (writes) this.wrote = Date.now();
    const body = new URLSearchParams(writes ? { writes: "1" } : {});
    const headers = { "X-CSRFToken": this.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "" };
    fetch(this.getAttribute("here"), { method: "POST", headers, body }).catch(() => null);
  }
};
if (!customElements.get("kith-ticket")) customElements.define("kith-ticket", globalThis.KithTicket);
