/* [data-print]: a button that prints the page. Hidden until now, because without a script it could do nothing. */
const ready = () => document.querySelectorAll("[data-print][hidden]").forEach((button) => button.removeAttribute("hidden"));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("DOMContentLoaded", ready);
document.addEventListener("htmx:after:swap", ready);
ready();
