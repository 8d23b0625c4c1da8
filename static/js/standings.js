// Declaring conflicts by keyboard: while the cursor is on a choice, a letter makes it and goes on to the next line. Letters work only
// there, never in a text field. Without this script the arrow keys and Tab do all of it.

for (const form of document.querySelectorAll("form.standings")) {
  const KEYS = { c: "conflict", n: "none", b: "explained" };
  const groups = [...form.querySelectorAll("fieldset.stand")];
  const hint = document.querySelector(".by-keys");
  if (hint) hint.hidden = false;

  function enter(group) {
    const radio = group && (group.querySelector("input[type=radio]:checked") || group.querySelector("input[type=radio]"));
    if (!radio) return;
    radio.focus();
    group.closest("li").scrollIntoView({ block: "nearest" });
  }

  form.addEventListener("keydown", (event) => {
    const radio = event.target;
    if (radio.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const place = groups.indexOf(radio.closest("fieldset"));
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      enter(groups[place + (event.key === "j" ? 1 : -1)]);
      return;
    }
    const choice = groups[place].querySelector(`input[type=radio][value="${KEYS[event.key]}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    if (choice.value === "none") enter(groups[place + 1] || groups[place]);
    else groups[place].querySelector("input[type=text]").focus();
  });
}
