// How long it is to a deadline, by the clock of the portal: text, renewed each minute, never read out by itself. The clock of the
// computer may be wrong and stands still while it sleeps, so the portal's own time is asked for after each sleep.
(function () {
  const language = document.documentElement.lang || "en";

  function spell(seconds) {
    const minutes = Math.max(1, Math.floor(seconds / 60));
    const parts = [
      [Math.floor(minutes / 1440), "day"],
      [Math.floor(minutes / 60) % 24, "hour"],
      [minutes % 60, "minute"],
    ].filter(function (part) {
      return part[0] > 0;
    });
    return parts
      .slice(0, 2)
      .map(function (part) {
        return new Intl.NumberFormat(language, { style: "unit", unit: part[1], unitDisplay: "long" }).format(part[0]);
      })
      .join(language.startsWith("zh") ? "" : " ");
  }

  for (const note of document.querySelectorAll("[data-countdown]")) {
    const text = note.querySelector("strong");
    const deadline = Date.now() / 1000 + Number(note.dataset.countdown); // by the clock of this computer
    let off = 0; // seconds by which this computer's clock has moved against the portal's since the page was opened
    let portal = null; // the portal's clock minus this computer's, as first heard
    let last = Date.now();

    function draw() {
      const left = deadline - Date.now() / 1000 + off;
      const words = left > 0 ? note.dataset.pattern.replace("%s", spell(left)) : note.dataset.over;
      if (text.textContent !== words) text.textContent = words;
      note.classList.toggle("bad", left <= 0);
    }

    function ask() {
      fetch(note.dataset.clock, { cache: "no-store" })
        .then(function (answer) {
          const now = Date.parse(answer.headers.get("Date"));
          if (Number.isNaN(now)) return;
          const apart = (now - Date.now()) / 1000;
          if (portal === null) portal = apart;
          off = portal - apart;
          draw();
        })
        .catch(draw); // no line: the page's own clock has to do
    }

    function look() {
      const slept = Math.abs(Date.now() - last) > 120000;
      last = Date.now();
      if (slept) ask();
      draw();
    }

    ask();
    draw();
    setInterval(look, 30000);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("pageshow", look);
  }
})();
