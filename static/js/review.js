// The weighted mean while one scores, and the words as the applicant would read them. Without this script both stand as last saved.
const form = document.querySelector(".review-form");
if (form) {
  const out = form.querySelector("[data-mean]");
  const scored = form.querySelector("[data-scored]");
  const language = document.documentElement.lang;

  function draw() {
    let sum = 0, weights = 0, done = 0;
    const criteria = form.querySelectorAll(".criterion");
    for (const criterion of criteria) {
      const chosen = criterion.querySelector("input:checked");
      if (!chosen) continue;
      const weight = Number(criterion.dataset.weight);
      done += 1;
      sum += weight * Number(chosen.value);
      weights += weight;
    }
    const mean = weights ? (sum / weights).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : out.dataset.none;
    const strong = out.querySelector("strong");
    if (strong.textContent !== mean) strong.textContent = mean;
    scored.textContent = out.dataset.of.replace("%(done)s", String(done)).replace("%(all)s", String(criteria.length));
    for (const shown of form.querySelectorAll("[data-shows]")) {
      shown.textContent = document.getElementById(shown.dataset.shows).value || "–";
    }
  }

  for (const kind of ["input", "change", "answers:changed"]) form.addEventListener(kind, draw);
  draw();
}

// The fact sheet has come: the link to it is not needed any more.
document.addEventListener("htmx:afterSwap", (event) => {
  const link = event.target.querySelector(".until-loaded");
  if (link && event.target.querySelector("#facts-body")) link.hidden = true;
});
