// Comforts of long forms: copying a text, finding in a list, choosing all. Pages work without them.
(function () {
  "use strict";
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
})();
