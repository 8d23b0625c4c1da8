// While the numbers of a vote are changed, the rule stands beneath them with its arithmetic. The server counts again.
for (const line of document.querySelectorAll("[data-vote]")) {
  const sum = line.querySelector("[data-sum]");
  if (!sum) continue;
  const number = (name) => {
    const field = line.querySelector(`[name$="-${name}"]`);
    return field && field.value !== "" && field.validity.valid ? Number(field.value) : NaN;
  };
  const say = () => {
    const [present, recused, yes, no] = ["present", "recused", "yes", "no"].map(number);
    const eligible = present - recused;
    const { numerator, denominator, carried, notCarried, nobody } = line.dataset;
    const fits = [present, recused, yes, no].every(Number.isInteger) && yes + no <= eligible;
    if (!fits) {
      sum.textContent = "";
      return;
    }
    const sentence = eligible > 0 ? (yes * denominator >= numerator * eligible ? carried : notCarried) : nobody;
    const values = { yes, eligible, numerator, denominator };
    sum.textContent = sentence.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  };
  line.addEventListener("input", say);
}
