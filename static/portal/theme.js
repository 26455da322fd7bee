// Colour scheme before the first paint: the person's choice, else the system's. Also the time zone.
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem("portal-theme"); } catch { return null; } };
  const apply = () => root.setAttribute("data-bs-theme", stored() || (dark.matches ? "dark" : "light"));
  apply();
  dark.addEventListener("change", apply);

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = "tz=" + encodeURIComponent(zone) + ";path=/;max-age=31536000;samesite=lax";

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try { localStorage.setItem("portal-theme", next); } catch { /* private mode: this page only */ }
    root.setAttribute("data-bs-theme", next);
  });
})();
