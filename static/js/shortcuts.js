// Single keys for a day of reviewing: j and k go on and back, 1 to 5 score, c words, s save, ? help. They can be switched off, none
// works while somebody types, and everything can be done without them (WCAG 2.1.4).
const help = document.getElementById("keys");
const said = document.getElementById("key-said");
const isOn = document.getElementById("keys-on");
const OFF = "keys:off";

function areOff() {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false;
  }
}

for (const hint of document.querySelectorAll(".keys-only")) hint.hidden = false;
for (const button of document.querySelectorAll("[data-key-help]")) button.addEventListener("click", () => help.showModal());
isOn.checked = !areOff();
isOn.addEventListener("change", () => {
  try {
    if (isOn.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  } catch {
    // it then holds until the page is left
  }
});

function isTyping(place) {
  if (!(place instanceof Element)) return false;
  if (place.closest("textarea, select, [contenteditable]")) return true;
  const input = place.closest("input");
  return Boolean(input) && !["radio", "checkbox", "button", "submit"].includes(input.type);
}

function score(figure) {
  const form = document.querySelector(".review-form");
  if (!form) return;
  const here = document.activeElement && document.activeElement.closest(".criterion");
  if (!here) {
    // nobody scores by accident: the first key leads to the first criterion without a score
    const open = [...form.querySelectorAll(".criterion")].find((one) => !one.querySelector("input:checked"));
    const first = (open || form).querySelector(".criterion input, .scale input");
    if (first) first.focus();
    return;
  }
  const radio = here.querySelector('input[type="radio"][value="' + figure + '"]');
  if (!radio) return;
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  const title = here.querySelector("legend").firstChild.textContent.trim();
  said.textContent = said.dataset.scored.replace("%(criterion)s", title).replace("%(score)s", figure);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (help.open || !isOn.checked || isTyping(event.target)) return;
  const key = event.key;
  const target = document.querySelector('[data-key="' + CSS.escape(key) + '"]');
  if ((key === "j" || key === "k") && target) target.click();
  else if (key >= "1" && key <= "5" && key.length === 1) score(key);
  else if (key === "c") {
    const words = document.querySelector(".review-form textarea, #discussion textarea");
    if (!words) return;
    words.focus();
    words.scrollIntoView({ block: "nearest" });
  } else if (key === "s") {
    const button = document.querySelector(".review-form button[name=save]");
    if (!button) return;
    button.click();
  } else if (key === "?") help.showModal();
  else return;
  event.preventDefault();
});
