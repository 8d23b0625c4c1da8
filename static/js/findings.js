// What the rules of the round find about the samples asked for, told anew after each saving. The page shows the same without this.

for (const form of document.querySelectorAll("form[data-autosave]")) {
  function line(finding) {
    const item = document.createElement("li");
    for (const [text, classes] of [[finding.label, "label " + finding.tone], [finding.sentence, ""], [finding.mark, "hint"]]) {
      const part = document.createElement("span");
      part.className = classes.trim();
      part.textContent = text;
      item.append(part, " ");
    }
    return item;
  }

  form.addEventListener("answers:saved", (event) => {
    const found = event.detail.findings;
    if (!found) return;
    for (const list of form.querySelectorAll(".findings")) {
      const lines = (found[list.dataset.number] || []).map(line);
      const says = lines.map((item) => item.textContent.trim()).join();
      if (list.dataset.says === says) continue; // read out only what is new
      list.dataset.says = says;
      list.replaceChildren(...lines);
    }
  });
}
