// Checking a letter by its file: the digest is computed here and only the digest is sent. Without this script it is typed.
(function () {
  const form = document.querySelector("form[data-hash]");
  if (!form || !window.crypto || !window.crypto.subtle || !window.File || !File.prototype.arrayBuffer) return;
  const says = form.dataset;
  const zone = form.querySelector("[data-file]");
  const input = zone.querySelector("input[type=file]");
  const spoken = zone.querySelector("[data-spoken]");
  const typed = form.elements.digest;

  zone.hidden = false;
  if (!typed.getAttribute("aria-invalid")) form.querySelector("[data-typed]").hidden = true; // choosing is enough

  function tell(text) {
    spoken.textContent = text;
  }

  function refuse(text) {
    tell(text);
    form.querySelector("[data-typed]").hidden = false;
  }

  async function check(file) {
    if (file.size > Number(says.largest)) return refuse(says.saysLarge);
    tell(says.saysBusy);
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      typed.value = Array.from(new Uint8Array(digest), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    } catch (problem) {
      return refuse(says.saysUnread);
    }
    form.requestSubmit();
  }

  input.addEventListener("change", function () {
    if (input.files.length) check(input.files[0]);
  });
  ["dragenter", "dragover"].forEach(function (name) {
    zone.addEventListener(name, function (event) {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  });
  ["dragleave", "drop"].forEach(function (name) {
    zone.addEventListener(name, function () { zone.classList.remove("is-over"); });
  });
  // A file that misses the zone would otherwise replace the page.
  window.addEventListener("dragover", function (event) { event.preventDefault(); });
  window.addEventListener("drop", function (event) {
    event.preventDefault();
    if (event.dataTransfer && event.dataTransfer.files.length) check(event.dataTransfer.files[0]);
  });
  window.addEventListener("pageshow", function () { // come back with the browser's button: ready for another file
    input.value = "";
    tell("");
  });
})();
