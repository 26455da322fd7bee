// Live parts: keep the keyboard focus and what is being typed, stop polling when the session ended.
(function () {
  "use strict";
  let focused = null;
  let caret = null;
  // What was typed while the server draws a form anew: it has not seen this. A newer request has.
  const typed = new Map();
  document.addEventListener("input", (event) => {
    const input = event.target;
    if (input.id && input.matches("input:not([type=checkbox], [type=radio]), textarea")) typed.set(input.id, input.value);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form) for (const input of form.elements) typed.delete(input.id);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.responseURL.includes("/login/")) {
      event.detail.shouldSwap = false;
      window.location.reload();
      return;
    }
    const active = document.activeElement;
    focused = event.detail.target.contains(active) ? active.id : null;
    caret = focused && active.selectionStart;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const redrawn = event.detail.requestConfig?.triggeringEvent?.type === "change";
    for (const [id, text] of redrawn ? typed : []) {
      const input = document.getElementById(id);
      if (input) input.value = text;
    }
    const again = focused && document.getElementById(focused);
    if (again) {
      again.focus();
      if (typeof caret === "number" && again.type === "text") again.setSelectionRange(caret, caret);
    }
    focused = null;
  });
})();
