// Comforts of forms: copying, finding in a list, choosing all, no double sending. Pages work without.
(function () {
  "use strict";
  let sent = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.parentElement.querySelector("code, pre").textContent;
    navigator.clipboard?.writeText(text).then(() => { button.textContent = button.dataset.copied || "✓"; });
  });
  document.addEventListener("input", (event) => {
    const list = event.target.dataset?.finds && document.getElementById(event.target.dataset.finds);
    if (!list) return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of list.querySelectorAll("label"))
      item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
    for (const part of list.querySelectorAll("[data-part]"))
      part.hidden = !part.querySelector("label:not([hidden])");
  });
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.all;
    if (!name) return;
    for (const box of document.querySelectorAll(`input[type=checkbox][name="${name}"]`))
      box.checked = event.target.checked;
  });
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  // A double click sends once. A page that the back button brings back can send again.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.getAttribute("method") !== "post") return;
    const button = event.submitter || event.target;
    if (sent === button) event.preventDefault();
    sent = button;
    setTimeout(() => { sent = null; }, 3000);
  });
  window.addEventListener("pageshow", () => { sent = null; });
})();
