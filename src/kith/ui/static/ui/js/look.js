/* Theme and density take effect at once and are kept for the person (by post) and the browser (by cookie).
 *
 *   <kith-look><form method="post" action="/ui/look/">… radios named theme, density, shortcuts … <button>Save</button></form></kith-look>
 *
 * Without a script the button saves.
 */
class KithLook extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    if (!form) return;
    form.querySelectorAll("[type=submit]").forEach((button) => { button.hidden = true; });
    form.addEventListener("change", (event) => this.set(form, event.target));
  }

  set(form, { name, value }) {
    const root = document.documentElement;
    if (name === "theme" && !value) delete root.dataset.theme;
    else if (name === "theme" || name === "density") root.dataset[name] = value;
    if (name === "shortcuts") document.querySelector("kith-hotkeys")?.toggleAttribute("off", value === "off");
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
  }
}
customElements.define("kith-look", KithLook);
