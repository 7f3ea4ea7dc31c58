/* A form of Kith in a page elsewhere: <script src="https://…/f/<form>.js" async></script> draws it where it stands, in a
   root of its own, so that neither page nor form changes the other's look. Sends by itself and says what was wrong. */
(() => {
  const here = document.currentScript || [...document.scripts].filter((s) => /\/f\/[\w-]+\.js/.test(s.src)).pop();
  if (!here || here.dataset.drawn) return;
  here.dataset.drawn = "1";
  const base = here.src.replace(/\.js(\?.*)?$/, "");
  const host = document.createElement("div");
  here.after(host);
  const root = host.attachShadow({ mode: "open" });
  const query = new URLSearchParams(location.search);
  const asked = new URLSearchParams({ lang: here.dataset.lang || document.documentElement.lang || navigator.language || "" });
  for (const [name, value] of query) if (/^utm_/.test(name)) asked.set(name, value);
  if (query.get("k")) asked.set("k", query.get("k"));
  const say = (words, role) => {
    const p = document.createElement("p");
    p.className = "kith-form";
    p.setAttribute("role", role);
    p.tabIndex = -1;
    p.textContent = words;
    return p;
  };
  const styled = (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  };
  const settle = (form) => {
    const data = new FormData(form);
    form.querySelectorAll("[data-if]").forEach((one) => {
      const answer = data.get(one.dataset.if) || "";
      const away = one.dataset.is ? !one.dataset.is.split("|").includes(answer) : !answer;
      one.hidden = away;
      one.querySelectorAll("input,select,textarea").forEach((field) => { field.disabled = away; });
    });
  };
  const tell = (form, errors) => {
    form.querySelectorAll("[data-field]").forEach((one) => {
      const words = errors[one.dataset.field];
      const error = one.querySelector(".kf-error");
      const field = one.querySelector("input,select,textarea");
      error.textContent = words || "";
      error.hidden = !words;
      if (words) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", error.id); } else field.removeAttribute("aria-invalid");
    });
    form.querySelector('[aria-invalid="true"]')?.focus();
  };
  let proof = null; // begun at the first touch, so that nobody waits for it
  const prove = (form) => {
    if (!form.dataset.proof) return "";
    setTimeout(() => { proof = null; }, 3e6);
    return import(base.replace(/[^/]+$/, "proof.js")).then((m) => m.proved(`${base}.proof`)).catch(() => "");
  };
  const send = async (form, again) => {
    const button = form.querySelector("button");
    const data = new FormData(form);
    data.set("_page", location.href.slice(0, 1000));
    data.set("_ref", document.referrer.slice(0, 1000));
    try {
      const visitor = localStorage.getItem("kith_visitor");
      if (visitor) data.set("kith_visitor", visitor);
    } catch { /* a browser that keeps nothing has nothing to tell */ }
    button.disabled = true;
    form.querySelector(".kf-failed")?.remove();
    try {
      data.set("_proof", await (proof ??= prove(form)));
      const answer = await fetch(base, { method: "POST", body: data, credentials: "omit", headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (told.errors) return tell(form, told.errors);
      proof = null;
      if (told.again && !again) return await send(form, true);
      if (told.redirect) return location.assign(told.redirect);
      const words = told.thanks || told.problem || told.closed;
      if (!told.thanks && !told.closed) throw new Error(words);
      const said = say(words, "status");
      for (const gift of told.gifts || []) {
        const link = document.createElement("a");
        [link.href, link.textContent, link.target, link.rel] = [gift.href, gift.name, "_blank", "noopener"];
        said.append(document.createElement("br"), link);
      }
      form.replaceWith(said);
      said.focus();
      host.dispatchEvent(new CustomEvent("kith:sent", { bubbles: true, composed: true }));
    } catch (problem) {
      const failed = say(problem.name === "Error" && problem.message ? problem.message : form.dataset.failed, "alert");
      failed.className = "kf-error kf-failed";
      button.before(failed);
    } finally {
      button.disabled = false;
    }
  };
  const draw = (told, look) => {
    if (told.mode !== "auto") host.dataset.mode = told.mode;
    root.adoptedStyleSheets = [styled(look), styled(told.css), styled(told.mode === "auto" ? "" : `:host{color-scheme:${told.mode}}`)];
    if (told.closed) return root.append(say(told.closed, "status"));
    root.innerHTML = told.html;
    const form = root.querySelector("form");
    settle(form);
    form.addEventListener("input", () => settle(form));
    form.addEventListener("focusin", () => { proof ??= prove(form); }, { once: true });
    form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
  };
  const get = (address) => fetch(address, { credentials: "omit" });
  const look = get(base.replace(/[^/]+$/, "form.css")).then((a) => a.text());
  get(`${base}.json?${asked}`).then((a) => a.json()).then(async (told) => draw(told, await look)).catch(() => {
    const link = document.createElement("a");
    link.href = base;
    link.textContent = document.title || base;
    root.append(link);
  });
})();
