/* What is wrong with the fields of a form, said beside each of them as it is left, and taken back once it is mended.
 *
 *   <kith-checked data-errors='{"birthday": "“31.31.” is not a date; …"}' data-sprite="/static/ui/icons.svg"></kith-checked>
 *
 * Arrives inside the form it speaks about; fields are found by name. Sentences the server wrote into the page stay until
 * their field is right.
 */
class KithChecked extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    if (!this.form) return;
    const errors = JSON.parse(this.dataset.errors);
    this.form.querySelectorAll(".errors[data-checked]").forEach((old) => { if (!(old.dataset.checked in errors)) this.clear(old); });
    for (const [name, words] of Object.entries(errors)) this.say(name, words);
  }

  say(name, words) {
    const field = this.form.querySelector(`[name="${CSS.escape(name)}"]:not([type=hidden]), #${CSS.escape(`f-${name}`)}, #${CSS.escape(`f-${name}-0`)}`);
    const place = field?.closest(".field");
    if (!place || place.contains(document.activeElement)) return;
    const old = place.querySelector(".errors");
    const box = old ?? Object.assign(document.createElement("div"), { className: "errors", id: `f-${name}-error` });
    const line = Object.assign(document.createElement("p"), { className: "error" });
    line.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${this.dataset.sprite}#alert"/></svg>`;
    line.append(Object.assign(document.createElement("span"), { textContent: words }));
    box.dataset.checked = name;
    box.replaceChildren(line);
    if (!old) place.append(box);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", box.id);
  }

  clear(box) {
    const place = box.closest(".field");
    box.remove();
    place?.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  }
}
customElements.define("kith-checked", KithChecked);
