// What the rules of the round find about the samples asked for, told anew after each saving; where masses are awarded, while they are typed.
// The page shows the same without this: at once, or when the form is refused.

for (const form of document.querySelectorAll("form[data-autosave], form[data-weigh]")) {
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
    for (const list of form.querySelectorAll(".findings[data-number]")) {
      const lines = (found[list.dataset.number] || []).map(line);
      const says = lines.map((item) => item.textContent.trim()).join();
      if (list.dataset.says === says) continue; // read out only what is new
      list.dataset.says = says;
      list.replaceChildren(...lines);
      const title = list.previousElementSibling;
      if (title?.matches("[data-told]")) title.hidden = lines.length === 0;
    }
  });

  if (!("weigh" in form.dataset)) continue;
  let timer, asked = 0;

  async function weigh() {
    const mine = ++asked, body = new URLSearchParams(new FormData(form)); // without a button's name: nothing is recorded
    body.set("weigh", "yes");
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, redirect: "error" });
      if (answer.ok && mine === asked) form.dispatchEvent(new CustomEvent("answers:saved", { detail: await answer.json() }));
    } catch (lost) {
      // Without an answer nothing is told: the rules are asked once more when the decision is recorded.
    }
  }

  form.addEventListener("input", (event) => {
    if (!event.target.matches("[name^=outcome_], [name^=mass_]")) return;
    clearTimeout(timer);
    timer = setTimeout(weigh, 300);
  });
  if (form.querySelector("[name^=outcome_]:checked")) weigh();
}
