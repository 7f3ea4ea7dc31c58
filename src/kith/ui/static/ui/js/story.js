/* A link to an entry of a story works wherever the entry stands: /people/3#e-… asks for the page of the story that has it.
 *
 *   <kith-story><div id="story-entries">…</div></kith-story>
 */
class KithStory extends HTMLElement {
  connectedCallback() {
    this.look = () => this.find();
    addEventListener("hashchange", this.look);
    this.find();
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.look);
  }

  find() {
    const wanted = location.hash.match(/^#e-([0-9a-f-]{36})$/)?.[1];
    const url = new URL(location);
    if (!wanted || document.getElementById(`e-${wanted}`) || url.searchParams.get("e") === wanted) return;
    url.searchParams.set("e", wanted);
    location.replace(url);
  }
}
customElements.define("kith-story", KithStory);
