/* A form on its own page: fields appear by the answers to others. Everything else works without it. */
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
form?.addEventListener("submit", () => { form.querySelector("button").setAttribute("aria-busy", "true"); });
if (form) settle();
document.querySelector("[aria-invalid]")?.focus();
