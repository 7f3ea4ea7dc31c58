/* The booking page begins on the reader's own clocks. Without it they choose their time zone themselves. */
"use strict";
const choice = document.querySelector("select[name=zone]");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const asked = new URLSearchParams(location.search);
if (choice && own && !asked.has("zone") && choice.value !== own && [...choice.options].some((one) => one.value === own)) {
  asked.set("zone", own);
  location.replace(`${location.pathname}?${asked}`);
}
choice?.addEventListener("change", () => choice.form.requestSubmit());
