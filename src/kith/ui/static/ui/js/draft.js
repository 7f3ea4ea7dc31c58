/* Unsent words survive a closed tab: kept in this browser for a week, gone once sent or signed out.
 *
 *   <kith-draft key="7-person-3"><textarea name="body"></textarea></kith-draft>      the key should name the user and the record
 *   <form data-clear-drafts>      sending it (signing out) forgets all drafts
 */
const DRAFT = "kith-draft:";
const WEEK = 7 * 24 * 3600 * 1000;

class KithDraft extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("textarea, input");
    if (!this.field || !this.hasAttribute("key")) return;
    this.name = DRAFT + this.getAttribute("key");
    this.restore();
    this.field.addEventListener("input", () => { clearTimeout(this.wait); this.wait = setTimeout(() => this.save(), 400); });
    this.form = this.field.form;
    this.form?.addEventListener("submit", (event) => { if (!event.defaultPrevented && !this.form.hasAttribute("hx-post")) this.forget(); });
    this.form?.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
      if (ctx.sourceElement === this.form && ctx.response?.raw.ok) this.forget();
    });
  }

  restore() {
    const { words, at } = JSON.parse(localStorage.getItem(this.name) ?? "{}");
    if (!words || Date.now() - at > WEEK) return this.forget();
    if (this.field.value.trim()) return;
    this.field.value = words;
  }

  save() {
    if (!this.field.value.trim()) return this.forget();
    localStorage.setItem(this.name, JSON.stringify({ words: this.field.value, at: Date.now() }));
  }

  forget() {
    clearTimeout(this.wait);
    localStorage.removeItem(this.name);
  }
}
customElements.define("kith-draft", KithDraft);

document.addEventListener("submit", ({ target }) => {
  if (!target.matches("[data-clear-drafts]")) return;
  Object.keys(localStorage).filter((key) => key.startsWith(DRAFT)).forEach((key) => localStorage.removeItem(key));
});
