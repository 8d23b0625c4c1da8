// A button beside each password shows what was typed. The form is always sent with the password hidden, so that no browser keeps it
// among ordinary words. The words of the button come with the script's own tag.
(function () {
  const words = document.currentScript.dataset;
  document.addEventListener("DOMContentLoaded", function () {
    for (const field of document.querySelectorAll("input[type=password]")) {
      const box = document.createElement("div");
      const button = document.createElement("button");
      box.className = "with-button";
      button.type = "button";
      button.className = "button quiet small";
      button.setAttribute("aria-controls", field.id);
      const show = function (isShown) {
        field.type = isShown ? "text" : "password";
        button.textContent = isShown ? words.hide : words.show;
        button.setAttribute("aria-label", isShown ? words.hideLabel : words.showLabel);
      };
      field.before(box);
      box.append(field, button);
      field.autocapitalize = "none";
      field.spellcheck = false;
      show(false);
      button.addEventListener("click", function () {
        show(field.type === "password");
      });
      if (field.form) {
        field.form.addEventListener("submit", function () {
          show(false);
        });
      }
    }
  });
})();
