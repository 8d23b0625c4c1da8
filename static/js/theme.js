// Light, dark or as the system says. Runs before the first paint, so that a page never flashes in the wrong colours.
(function () {
  const root = document.documentElement;

  function chosen() {
    try {
      return localStorage.getItem("theme") || "system";
    } catch {
      return "system"; // storage is switched off: the system decides
    }
  }

  function apply(theme) {
    if (theme === "light" || theme === "dark") {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }
  }

  function show(group, theme) {
    for (const button of group.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  }

  apply(chosen());
  document.addEventListener("DOMContentLoaded", function () {
    for (const group of document.querySelectorAll("[data-theme-switch]")) {
      group.hidden = false;
      show(group, chosen());
      group.addEventListener("click", function (event) {
        const button = event.target.closest("button");
        if (!button) return;
        try {
          localStorage.setItem("theme", button.value);
        } catch {
          // it then holds for this page only
        }
        apply(button.value);
        show(group, button.value);
      });
    }
  });
})();
