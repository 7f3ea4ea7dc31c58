/* The box of the chat desk: Enter sends, the visitor hears that somebody writes, and the last words stay in sight.
 *
 *   <kith-chat topic="conversation:5" typing="/conversations/5/typing" words="writes…"> … <ol class="talk"> … <form><textarea>
 *   <select data-ready> puts its value into the box; [data-typing] says that the visitor writes
 */
"use strict";
globalThis.KithChat ??= class KithChat extends HTMLElement {
  connectedCallback() {
    this.wrote = 0;
    this.heard = ({ detail }) => this.hear(detail);
    this.swapped = () => requestAnimationFrame(() => this.down());
    document.addEventListener("kith:changed", this.heard);
    document.addEventListener("htmx:after:swap", this.swapped);
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("input", () => this.tell());
    this.addEventListener("change", (event) => this.ready(event));
    this.down();
  }

  disconnectedCallback() {
    document.removeEventListener("kith:changed", this.heard);
    document.removeEventListener("htmx:after:swap", this.swapped);
  }

  get box() {
    return this.querySelector("textarea");
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== this.box) return;
    event.preventDefault();
    if (this.box.value.trim()) this.box.form.requestSubmit();
  }

  ready(event) {
    if (!event.target.matches("[data-ready]") || !this.box) return;
    const said = event.target.value;
    event.target.value = "";
    if (!said) return;
    this.box.value = this.box.value ? `${this.box.value.trimEnd()}\n${said}` : said;
    this.box.focus();
  }

  tell() {
    if (!this.box?.value || Date.now() - this.wrote < 3000) return;
    this.wrote = Date.now();
    const headers = { "X-CSRFToken": this.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "" };
    fetch(this.getAttribute("typing"), { method: "POST", headers }).catch(() => null);
  }

  hear(detail) {
    const said = this.querySelector("[data-typing]");
    if (!said || !detail.topics.includes(this.getAttribute("topic"))) return;
    clearTimeout(this.quiet);
    const writes = detail.event === "typing:visitor";
    said.textContent = writes ? this.getAttribute("words") : "";
    if (writes) this.quiet = setTimeout(() => { said.textContent = ""; }, 6000);
  }

  down() {
    const talk = this.querySelector(".talk");
    if (talk) talk.scrollTop = talk.scrollHeight;
  }
};
if (!customElements.get("kith-chat")) customElements.define("kith-chat", globalThis.KithChat); // pages that follow bring it again
