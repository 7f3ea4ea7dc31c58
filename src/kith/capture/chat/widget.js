/* A chat of Kith on a page elsewhere: <script src="https://…/c/<chat>.js" async></script> puts a button at the corner of the
   page, in a root of its own, so that neither changes the other's look. It needs no style or script of the page, keeps one
   token for as long as the tab stands open, and sends again what did not arrive, under the key it had. */
(() => {
  const here = document.currentScript || [...document.scripts].filter((s) => /\/c\/[\w-]+\.js/.test(s.src)).pop();
  if (!here || here.dataset.drawn) return;
  here.dataset.drawn = "1";
  const base = here.src.replace(/\.js(\?.*)?$/, "");
  const store = `kith-chat:${base}`;
  const asked = new URLSearchParams({ lang: here.dataset.lang || document.documentElement.lang || navigator.language || "" });
  const narrow = matchMedia("(width < 40rem)");
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const kept = { token: "", secret: random(), outbox: [], open: false };
  const shown = new Set();
  let words, told, ticket, stream, timer, sending, state = "", last = 0, pause = 1000;

  // --- what is kept while the tab is open ---
  const keep = () => { try { sessionStorage.setItem(store, JSON.stringify(kept)); } catch { /* kept for this page alone */ } };
  try { Object.assign(kept, JSON.parse(sessionStorage.getItem(store) || "{}")); } catch { /* begins anew */ }

  // --- drawing ---
  const make = (tag, facts = {}, ...inside) => {
    const one = document.createElement(tag);
    for (const [name, value] of Object.entries(facts)) {
      if (name.startsWith("on")) one.addEventListener(name.slice(2), value);
      else if (value === true) one.setAttribute(name, "");
      else if (value !== false && value != null) one.setAttribute(name, value);
    }
    one.append(...inside);
    return one;
  };
  const mark = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const linked = (text) => text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])/).map((part, n) => (
    n % 2 ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer nofollow" }, part) : part
  ));
  const styled = (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  };
  const host = make("div");
  const root = host.attachShadow({ mode: "open" });
  const ui = {};

  const draw = () => {
    ui.count = make("span", { class: "count", hidden: true });
    ui.launch = make("button", { type: "button", class: "launch", "aria-expanded": "false", "aria-label": words.open, onclick: () => (ui.panel.open ? shut() : open()) }, mark("M4 5h16v11H10l-5 4v-4H4z"), ui.count);
    ui.human = make("button", { type: "button", class: "quiet", hidden: true, onclick: () => post("human").catch(fail) }, words.human);
    ui.end = make("button", { type: "button", class: "quiet", hidden: true, onclick: leave }, words.end);
    ui.log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": words.line, tabindex: "0" });
    ui.after = make("div", { class: "after" });
    ui.typing = make("p", { class: "typing", role: "status" });
    ui.failed = make("p", { class: "failed", role: "alert", hidden: true });
    ui.text = make("textarea", { rows: "2", maxlength: "4000", "aria-label": words.write, placeholder: words.write, onkeydown: keys, oninput: typing });
    ui.form = make("form", { class: "write", onsubmit: (event) => { event.preventDefault(); say(ui.text.value); } }, ui.text, make("button", { type: "submit" }, words.send));
    ui.panel = make("dialog", { class: "panel", "aria-labelledby": "title", onclose: closed, onkeydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); shut(); } } },
      make("header", {}, make("h2", { id: "title" }, told.title), ui.human, ui.end, make("button", { type: "button", class: "shut", "aria-label": words.close, onclick: () => shut() }, mark("M6 6l12 12M18 6L6 18"))),
      ui.log, ui.typing, ui.after, ui.failed, ui.form);
    if (told.foot) ui.panel.append(make("p", { class: "foot" }, told.foot));
    root.append(ui.launch, ui.panel);
    greet();
  };
  const greet = () => {
    for (const text of [told.greeting, told.away]) if (text) ui.log.append(make("div", { class: "line note" }, make("p", {}, ...linked(text))));
  };
  const line = (one) => {
    if (shown.has(one.n)) return;
    shown.add(one.n);
    if (one.key) ui.log.querySelector(`[data-key="${one.key}"]`)?.remove();
    const who = one.side === "visitor" ? words.you : one.side === "bot" ? `${one.name} · ${words.bot}` : one.name;
    ui.log.append(make("div", { class: `line ${one.side}` }, who ? make("small", {}, who) : "", make("p", {}, ...linked(one.text))));
    if (one.side !== "visitor") { ui.typing.textContent = ""; if (!ui.panel.open) unread(); }
    ask(one.ask || {});
  };
  const unread = () => {
    ui.count.hidden = false;
    ui.count.textContent = String(Number(ui.count.textContent || 0) + 1);
    ui.launch.setAttribute("aria-label", `${words.open}, ${words.new}: ${ui.count.textContent}`);
  };
  // What the last line asks for: something to press, or who they are.
  const ask = (wish) => {
    const choices = [...(wish.choices || []).map(([, label]) => label), ...(wish.pass ? [wish.pass] : [])];
    ui.after.replaceChildren(...(choices.length ? [make("div", { class: "choices", role: "group" }, ...choices.map((label) => make("button", { type: "button", onclick: () => say(label) }, label)))] : []));
    if (wish.who) ui.after.append(who());
  };
  const field = (name, label, type, fill) => make("label", {}, label, make("input", { name, type, autocomplete: fill, required: type === "email", maxlength: "254" }));
  const who = () => {
    const boxes = told.boxes.map((one) => make("label", { class: "box" }, make("input", { type: "checkbox", name: "consent", value: one.key }), make("span", {}, one.words, one.small ? make("small", {}, one.small) : "")));
    const form = make("form", { class: "who", novalidate: true }, field("name", `${words.name} (${words.optional})`, "text", "name"), field("email", words.email, "email", "email"),
      ...(boxes.length ? [make("fieldset", {}, make("legend", {}, words.agree), ...boxes)] : []), make("button", { type: "submit" }, words.leave));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
      post("who", [...new FormData(form)]).then(() => { ui.text.focus(); }, (problem) => {
        fail(problem);
        const wrong = form.elements[Object.keys(problem.errors || {})[0]];
        wrong?.setAttribute("aria-invalid", "true");
        wrong?.focus();
      });
    });
    return form;
  };
  const fail = (problem) => {
    ui.failed.textContent = problem?.message || "";
    ui.failed.hidden = !ui.failed.textContent;
  };

  // --- open and shut ---
  const open = (quietly) => {
    if (narrow.matches && !quietly) ui.panel.showModal();
    else ui.panel.show();
    ui.launch.setAttribute("aria-expanded", "true");
    ui.launch.setAttribute("aria-label", words.close);
    ui.count.hidden = true;
    ui.count.textContent = "";
    kept.open = true;
    keep();
    down();
    if (!quietly) ui.text.focus();
  };
  const shut = () => ui.panel.close();
  const closed = () => {
    ui.launch.setAttribute("aria-expanded", "false");
    ui.launch.setAttribute("aria-label", words.open);
    kept.open = false;
    keep();
    ui.launch.focus();
  };
  const down = () => { ui.log.scrollTop = ui.log.scrollHeight; };
  const keys = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    say(ui.text.value);
  };

  // --- saying ---
  const say = (text) => {
    if (!text.trim()) return ui.text.focus();
    const key = random();
    kept.outbox.push({ key, text: text.trim() });
    keep();
    ui.text.value = "";
    pending({ key, text: text.trim() });
    ask({});
    down();
    ui.text.focus();
    flush();
  };
  const pending = ({ key, text }) => ui.log.append(make("div", { class: "line visitor waits", "data-key": key }, make("small", {}, words.left), make("p", {}, ...linked(text))));
  // One after the other; what breaks off goes again under the same key, and is written down once.
  const flush = async () => {
    if (sending) return;
    sending = true;
    while (kept.outbox.length) {
      const one = kept.outbox[0];
      try {
        await post("say", [["text", one.text], ["key", one.key]]);
        fail();
        pause = 1000;
      } catch (problem) {
        fail(problem);
        if (!problem.refused) {
          await new Promise((done) => setTimeout(done, pause));
          pause = Math.min(pause * 2, 30000);
          continue;
        }
        if (problem.gone) { begin(); continue; }
        ui.log.querySelector(`[data-key="${one.key}"]`)?.remove();
        ui.text.value = one.text;
      }
      kept.outbox = kept.outbox.filter((other) => other.key !== one.key);
      keep();
    }
    sending = false;
  };
  const begin = () => { Object.assign(kept, { token: "", secret: random() }); shown.clear(); last = 0; keep(); stream?.close(); stream = null; };
  const post = async (verb, more = []) => {
    const body = new URLSearchParams([...asked, ["after", last], ["page", location.href.slice(0, 1000)], ["ref", document.referrer.slice(0, 1000)], ...more]);
    body.set(kept.token ? "token" : "secret", kept.token || kept.secret);
    if (here.dataset.proof) body.set("proof", here.dataset.proof);
    if (!kept.token) {
      for (const [name, value] of new URLSearchParams(location.search)) if (/^utm_/.test(name)) body.set(name, value);
      try { body.set("visitor", localStorage.getItem("kith_visitor") || ""); } catch { /* a browser that keeps nothing */ }
    }
    let answer, said;
    try {
      answer = await fetch(`${base}/${verb}`, { method: "POST", body, credentials: "omit" });
      said = await answer.json();
    } catch { throw new Error(words.again); }
    if (!answer.ok) {
      const errors = said.errors || {};
      throw Object.assign(new Error(said.problem || Object.values(errors)[0]), { refused: answer.status < 500 && answer.status !== 429, gone: answer.status === 410, errors });
    }
    hear(said);
    return said;
  };
  const hear = (said) => {
    kept.token = said.token;
    ticket = said.ticket;
    keep();
    const low = ui.log.scrollHeight - ui.log.scrollTop - ui.log.clientHeight < 80;
    said.lines.forEach(line);
    last = Math.max(last, said.last);
    if (said.known) ui.after.querySelector(".who")?.remove();
    state = said.state;
    ui.human.hidden = state !== "bot";
    ui.end.hidden = !["waiting", "open"].includes(state);
    if (state !== "bot") ui.after.querySelector(".choices")?.remove();
    ui.typing.textContent = state === "closed" && !said.mail ? words.ended : "";
    if (low) down();
    listen();
  };
  const leave = () => post("end").catch(fail);

  // --- hearing ---
  const look = () => post("lines").catch((problem) => { if (problem.gone) begin(); });
  const listen = () => {
    if (stream || timer) return;
    stream = new EventSource(`${base.replace(/[^/]+$/, "-/live")}?ticket=${encodeURIComponent(ticket)}`);
    stream.addEventListener("message", ({ data }) => {
      const { event } = JSON.parse(data);
      if (event === "typing:visitor") return;
      if (event.startsWith("typing:")) writes();
      else look();
    });
    stream.addEventListener("resync", look);
    stream.addEventListener("error", () => {
      if (stream?.readyState !== EventSource.CLOSED) return;
      stream = null; // refused, or too many are open: ask now and then, and try again after a while
      let turns = 0;
      timer = setInterval(() => {
        if (document.hidden && turns % 4) { turns += 1; return; }
        turns += 1;
        if (turns > 12) { clearInterval(timer); timer = null; }
        look();
      }, 5000);
    });
  };
  let quiet, wrote = 0;
  const writes = () => {
    ui.typing.textContent = words.typing;
    clearTimeout(quiet);
    quiet = setTimeout(() => { ui.typing.textContent = ""; }, 6000);
  };
  const typing = () => {
    if (!kept.token || state === "bot" || Date.now() - wrote < 3000) return;
    wrote = Date.now();
    const body = new URLSearchParams({ token: kept.token, after: last });
    fetch(`${base}/typing`, { method: "POST", body, credentials: "omit" }).catch(() => {});
  };

  const get = (address) => fetch(address, { credentials: "omit" });
  Promise.all([get(`${base}.json?${asked}`).then((a) => a.json()), get(base.replace(/[^/]+$/, "-/chat.css")).then((a) => a.text())]).then(([said, look_]) => {
    if (!said.open) return;
    [told, words] = [said, said.words];
    host.lang = said.lang;
    if (said.mode !== "auto") host.dataset.mode = said.mode;
    root.adoptedStyleSheets = [styled(look_), styled(said.css), styled(said.mode === "auto" ? "" : `:host{color-scheme:${said.mode}}`)];
    draw();
    document.body.append(host);
    kept.outbox.forEach(pending);
    if (kept.open && !narrow.matches) open(true);
    if (kept.token) look().then(flush);
    else flush();
  }).catch(() => { /* no chat today; the page is as it was */ });
})();
