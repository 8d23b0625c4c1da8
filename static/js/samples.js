// The picker of samples: shows, while a mass is typed, which share of what is left it is and where it stands on the scale of what was
// lent before. The server shows the same after each saving and judges what is typed; this only spares the wait.

for (const list of document.querySelectorAll(".picked")) {
  const WIDE = "０１２３４５６７８９．\u00a0\u2009\u202f\u3000";
  const PLAIN = "0123456789.    ";

  // Micrograms, or 0 for what is no mass yet. (samples/masses.py has the last word.)
  function micrograms(text) {
    const words = [...text].map((sign) => (WIDE.includes(sign) ? PLAIN[WIDE.indexOf(sign)] : sign)).join("").trim();
    const number = words.replace(/\s*(mg|ｍｇ|毫克)$/i, "").replace(/^\+/, "").trim();
    if (!/^(\d{1,15}|\d{1,3}( \d{3}){1,4})(\.\d{1,15})?$/.test(number)) return 0;
    const ug = Number(number.replaceAll(" ", "")) * 1000;
    return Math.abs(ug - Math.round(ug / 100) * 100) < 0.001 ? Math.round(ug) : 0;
  }

  function show(box, text) {
    const ug = micrograms(text);
    const left = Number(box.dataset.left);
    const share = box.querySelector(".picked-share");
    share.hidden = ug === 0;
    const percent = Math.min(Math.floor((ug * 100) / left), 100);
    share.querySelector("svg").classList.toggle("too-much", ug > left);
    share.querySelector(".left").setAttribute("width", String(ug ? Math.max(percent, 1) : 0));
    const says = list.dataset;
    const words = ug > left ? says.saysMuch : percent ? says.saysShare.replace("%(percent)s", percent) : says.saysLittle;
    share.querySelector("output").textContent = ug ? words.replace("%%", "%") : "";
    const mark = box.querySelector(".mark");
    mark.toggleAttribute("hidden", ug === 0);
    const inside = Math.min(Math.max(ug, 1000), 10000000);
    mark.setAttribute("transform", "translate(" + (10 + (220 * Math.log10(inside / 1000)) / 4).toFixed(1) + " 0)");
    box.querySelector(".above").hidden = ug <= Number(box.dataset.highest);
  }

  for (const box of list.querySelectorAll(".picked-measure")) {
    const field = list.querySelector("input[name='" + CSS.escape(box.dataset.field) + "']");
    if (!field || !box.querySelector(".picked-share")) continue;
    field.addEventListener("input", () => show(box, field.value));
    list.closest("form").addEventListener("answers:changed", () => show(box, field.value));
    show(box, field.value);
  }
}
