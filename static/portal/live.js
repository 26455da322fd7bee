// Live parts: keep the keyboard focus where it was, and stop polling when the session has ended.
(function () {
  "use strict";
  let focused = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.responseURL.includes("/login/")) {
      event.detail.shouldSwap = false;
      window.location.reload();
      return;
    }
    const active = document.activeElement;
    focused = event.detail.target.contains(active) ? active.id : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (focused) document.getElementById(focused)?.focus();
    focused = null;
  });
})();
