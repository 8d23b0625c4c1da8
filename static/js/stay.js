// Five minutes before a session ends a bar offers to stay signed in. The server's own seconds count: other windows may have moved the
// end, and the clock of this page stood still while the computer slept. Without this script a form sent too late is kept by the server.
(function () {
  const bar = document.querySelector("[data-session-seconds]");
  if (!bar) return;
  const WARN = 5 * 60; // seconds before the end at which the page offers to stay signed in
  const form = bar.querySelector("form");
  const minutes = bar.querySelector("[data-minutes]");
  let ends = Date.now() / 1000 + Number(bar.dataset.sessionSeconds);
  let longest = Infinity;
  let asked = 0;
  let isOver = false;

  function left() {
    return ends - Date.now() / 1000;
  }

  function show(state) {
    if (bar.dataset.state === state) return;
    bar.dataset.state = state;
    bar.hidden = state === "fine";
    for (const part of bar.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.when.split(" ").includes(state);
    }
  }

  function draw() {
    const seconds = left();
    const rounded = String(Math.max(1, Math.ceil(seconds / 60)));
    if (minutes.textContent !== rounded) minutes.textContent = rounded; // each change is read out
    if (seconds <= 0) show("over");
    else if (seconds > WARN) show("fine");
    else show(longest <= WARN ? "last" : "soon");
  }

  function learn(answer) {
    ends = Date.now() / 1000 + answer.seconds;
    longest = answer.longest || 0;
    if (answer.seconds > 0 && isOver && answer.token) {
      // signed in again in another window: the forms of this page may be sent after all
      for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = answer.token;
    }
    isOver = answer.seconds <= 0;
    draw();
  }

  function ask(method) {
    const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
    asked = Date.now();
    fetch(form.action, { method: method, headers: method === "POST" ? { "X-CSRFToken": token } : {} })
      .then(function (response) {
        return response.ok ? response.json().then(learn) : draw();
      })
      .catch(draw); // no line: the page's own clock has to do
  }

  function look() {
    if (left() > WARN) draw();
    else if (Date.now() - asked > 30000) ask("GET");
    else draw();
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    ask("POST");
  });
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
})();
