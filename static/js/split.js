// Two columns whose width the reader sets, by mouse, finger or keyboard; this browser remembers it.
for (const split of document.querySelectorAll("[data-split]")) {
  const grip = split.querySelector(":scope > [role=separator]");
  const place = "split:" + split.dataset.split;
  const least = Number(grip.getAttribute("aria-valuemin"));
  const most = Number(grip.getAttribute("aria-valuemax"));
  const usual = Number(grip.getAttribute("aria-valuenow"));

  function set(percent, isKept) {
    const share = Math.round(Math.min(most, Math.max(least, percent)));
    split.style.setProperty("--share", share + "fr");
    split.style.setProperty("--rest", 100 - share + "fr");
    grip.setAttribute("aria-valuenow", String(share));
    if (!isKept) return;
    try {
      if (share === usual) localStorage.removeItem(place);
      else localStorage.setItem(place, String(share));
    } catch {
      // it then holds for this page only
    }
  }

  const now = () => Number(grip.getAttribute("aria-valuenow"));
  const toRight = getComputedStyle(split).direction === "rtl" ? -1 : 1;

  grip.hidden = false;
  try {
    const kept = Number(localStorage.getItem(place));
    if (kept) set(kept, false);
  } catch {
    // storage is switched off
  }

  grip.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 10 : 2;
    if (event.key === "ArrowLeft") set(now() - step * toRight, true);
    else if (event.key === "ArrowRight") set(now() + step * toRight, true);
    else if (event.key === "Home") set(least, true);
    else if (event.key === "End") set(most, true);
    else if (event.key === "Enter") set(usual, true);
    else return;
    event.preventDefault();
  });

  grip.addEventListener("pointerdown", (event) => {
    grip.setPointerCapture(event.pointerId);
    event.preventDefault();
    grip.focus();
  });
  grip.addEventListener("pointermove", (event) => {
    if (!grip.hasPointerCapture(event.pointerId)) return;
    const box = split.getBoundingClientRect();
    set(((event.clientX - box.left) / box.width) * 100, true);
  });
  grip.addEventListener("dblclick", () => set(usual, true));
}
