// Keeps in this browser what is typed into a form that only its button saves, until the server holds a newer state of the same thing.
// A killed tab, a lost line or a wrong click costs nothing; what lies here is offered only on the state for which it was typed.

function keptFor(element) {
  const place = "kept:" + element.dataset.keeps;
  try {
    const kept = JSON.parse(localStorage.getItem(place) || "null");
    if (kept && kept.state === element.dataset.keepsFor) return kept.texts;
    localStorage.removeItem(place); // that state is gone: it was sent, or somebody else was quicker
  } catch (broken) {
    // Nothing that can be read.
  }
  return null;
}

for (const mark of document.querySelectorAll("[data-keeps]:not(form)")) keptFor(mark);

for (const form of document.querySelectorAll("form[data-keeps]")) {
  const { keeps, keepsFor, saysFound } = form.dataset; // without the last one the server has sent back what was typed: that is newer
  const place = "kept:" + keeps;
  const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");

  function typed() {
    const found = {};
    for (const field of fields) {
      if (field.type !== "radio") found[field.name] = field.value;
      else if (field.checked) found[field.name] = field.value;
    }
    return found;
  }

  const first = JSON.stringify(typed());

  function keep() {
    const now = JSON.stringify(typed());
    try {
      if (now === first && saysFound) localStorage.removeItem(place);
      else localStorage.setItem(place, JSON.stringify({ state: keepsFor, texts: JSON.parse(now) }));
    } catch (full) {
      // A browser without room or without permission: the button still saves.
    }
  }

  function put(texts) {
    for (const field of fields) {
      if (!(field.name in texts)) continue;
      if (field.type === "radio") field.checked = field.value === texts[field.name];
      else field.value = texts[field.name];
    }
    form.dispatchEvent(new Event("input", { bubbles: true })); // means and previews follow
  }

  const texts = saysFound ? keptFor(form) : null;
  if (texts && JSON.stringify(texts) !== first) {
    put(texts);
    form.querySelector(".save-state").textContent = saysFound;
  }
  form.addEventListener("input", keep);
}
