/* A form on its own page: fields appear by the answers to others, and the browser proves some work where it is asked to.
   Everything else works without it. */
"use strict";
const form = document.querySelector("form.kith-form");
const settle = () => {
  const data = new FormData(form);
  form.querySelectorAll("[data-if]").forEach((one) => {
    const answer = data.get(one.dataset.if) || "";
    const wanted = one.dataset.is ? one.dataset.is.split("|") : null;
    const away = wanted ? !wanted.includes(answer) : !answer;
    one.hidden = away;
    one.querySelectorAll("input, select, textarea").forEach((field) => { field.disabled = away; });
  });
};
form?.addEventListener("input", settle);
let proof = null; // begun at the first touch, so that nobody waits for it
const prove = () => {
  setTimeout(() => { proof = null; }, 3e6);
  return import("/f/proof.js").then((m) => m.proved(form.dataset.proof)).catch(() => "");
};
if (form?.dataset.proof) form.addEventListener("focusin", () => { proof ??= prove(); }, { once: true });
form?.addEventListener("submit", async (event) => {
  form.querySelector("button").setAttribute("aria-busy", "true");
  if (!form.dataset.proof) return;
  event.preventDefault();
  const field = form.elements._proof || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "_proof" }));
  field.value = await (proof ??= prove());
  proof = null;
  form.submit();
});
if (form) settle();
document.querySelector("[aria-invalid]")?.focus();
