/* A passkey as a form field: asks the browser for it, puts the answer into the form, sends the form.

   <kith-passkey hidden data-do="get" data-from="/address/of/options" data-failed="That did not work …">
     <form method="post"> <input type="hidden" name="credential"> <button>Use a passkey</button> </form>
     <p role="alert" hidden></p>
   </kith-passkey>

   data-do: "get" (sign in, confirm) or "create" (add one); data-options: the options as JSON instead of an address.
   A checkbox named "passwordless" in the form asks for a passkey that names its owner by itself.
   Stays hidden where the browser knows no passkeys. */

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/* The server speaks base64url, the browser bytes. */
function decoded(options) {
  const listed = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
  const user = options.user && { ...options.user, id: bytes(options.user.id) };
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(user && { user }),
    ...(options.excludeCredentials && { excludeCredentials: listed(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: listed(options.allowCredentials) }),
  };
}

function encoded(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const values = parts.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      ...Object.fromEntries(values),
      ...(response.getTransports && { transports: response.getTransports() }),
    },
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

class Passkey extends HTMLElement {
  connectedCallback() {
    if (!window.PublicKeyCredential) return;
    this.hidden = false;
    this.addEventListener("submit", this);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this);
  }

  handleEvent(event) {
    const form = event.target;
    if (form.elements.credential.value) return;
    event.preventDefault();
    this.ask(form);
  }

  async ask(form) {
    const button = form.querySelector("button");
    this.say("");
    button.setAttribute("aria-busy", "true");
    try {
      const publicKey = this.adjusted((await this.options()).publicKey, form);
      const credential = await navigator.credentials[this.dataset.do]({ publicKey: decoded(publicKey) });
      form.elements.credential.value = JSON.stringify(encoded(credential));
      form.submit();
    } catch (error) {
      if (error.name !== "AbortError") this.say(this.dataset.failed);
      button.removeAttribute("aria-busy");
    }
  }

  async options() {
    if (this.dataset.options) return JSON.parse(this.dataset.options);
    const answer = await fetch(this.dataset.from, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${this.dataset.from} answered ${answer.status}`);
    return (await answer.json()).request_options;
  }

  adjusted(options, form) {
    const box = form.elements.passwordless;
    if (!box) return options;
    const selection = { ...options.authenticatorSelection, requireResidentKey: box.checked };
    selection.residentKey = box.checked ? "required" : "discouraged";
    if (box.checked) selection.userVerification = "required";
    return { ...options, authenticatorSelection: selection };
  }

  say(sentence) {
    const place = this.querySelector("[role=alert]");
    place.textContent = sentence;
    place.hidden = !sentence;
  }
}

customElements.define("kith-passkey", Passkey);
