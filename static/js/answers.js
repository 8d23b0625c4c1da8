// Shows a question only while another answer makes it matter, and counts what is typed: characters in Chinese, words elsewhere.

for (const form of document.querySelectorAll(".answers-form")) {
  const valueOf = (name) => {
    const found = [...form.elements].filter((field) => field.name === name);
    const chosen = found.find((field) => field.type !== "radio" || field.checked);
    return chosen ? chosen.value : "";
  };
  const conditional = [...form.querySelectorAll("[data-needed-if]")];
  const seen = new Set();
  function decide() {
    seen.clear();
    for (const field of conditional) {
      const box = field.closest(".field");
      if (seen.has(box)) continue;
      seen.add(box);
      const cut = field.dataset.neededIf.indexOf("=");
      const wanted = field.dataset.neededIf.slice(cut + 1).split("|");
      const other = valueOf(field.dataset.neededIf.slice(0, cut));
      // What was written is never hidden.
      box.hidden = !wanted.includes(other) && !valueOf(field.name);
    }
  }
  form.addEventListener("change", decide);
  form.addEventListener("answers:changed", decide);
  decide();

  for (const field of form.querySelectorAll("[data-longest]")) {
    const most = Number(field.dataset.longest);
    const note = document.createElement("div");
    note.className = "hint count";
    const count = () => {
      const length = [...field.value].length;
      note.hidden = length < most * 0.75;
      note.textContent = length + " / " + most;
      note.classList.toggle("over", length > most);
    };
    field.insertAdjacentElement("afterend", note);
    field.addEventListener("input", count);
    count();
  }
}
