// Sliders say their value while they move; the table follows when they stop (htmx), or by the button.
document.addEventListener("input", function (event) {
  if (event.target.type !== "range") return;
  const output = document.querySelector("output[for='" + CSS.escape(event.target.id) + "']");
  if (output) output.textContent = event.target.value;
});
