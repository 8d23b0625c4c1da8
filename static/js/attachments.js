// Attaching files: several at once, by button or drop, each with its progress, cancel and try again. One is sent at a time, so that a
// slow line finishes one file instead of none. Without this script the form sends one file and the page comes back.
(function () {
  const form = document.querySelector("form[data-attach]");
  if (!form || !window.FormData || !window.DOMParser) return;
  const says = form.dataset;
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
  const list = form.querySelector("[data-sending]");
  const spoken = form.querySelector("[data-spoken]");
  const waiting = [];
  let current = null;

  input.multiple = true;
  input.required = false;
  form.querySelector("[data-plain]").hidden = true; // choosing is enough
  const invitation = document.createElement("p");
  invitation.className = "hint";
  invitation.textContent = says.saysDrop;
  zone.append(invitation);
  zone.classList.add("is-ready");

  function element(name, className, text) {
    const found = document.createElement(name);
    if (className) found.className = className;
    if (text) found.textContent = text;
    return found;
  }

  function button(label, name, does) {
    const found = element("button", "button quiet small", label);
    found.type = "button";
    found.append(element("span", "visually-hidden", " " + name));
    found.addEventListener("click", does);
    return found;
  }

  function tell(text) {
    spoken.textContent = text;
  }

  function show(job, text, state, buttons) {
    job.state = state;
    job.row.dataset.state = state;
    job.words.textContent = text;
    job.words.className = state === "refused" ? "error" : "hint";
    job.bar.hidden = state !== "sending";
    job.tools.replaceChildren(...buttons);
  }

  function dismiss(job) {
    const next = job.row.nextElementSibling || job.row.previousElementSibling;
    job.row.remove();
    list.hidden = !list.children.length;
    (next ? next.querySelector("button") : null || input).focus();
  }

  function refuse(job, text, mayRetry) {
    const buttons = mayRetry ? [button(says.saysRetry, job.file.name, function () { queue(job); })] : [];
    show(job, text, "refused", [...buttons, button(says.saysDismiss, job.file.name, function () { dismiss(job); })]);
    tell(job.file.name + ": " + text);
  }

  function problem(file) {
    if (!/\.pdf\s*$/i.test(file.name)) return says.saysType;
    if (file.size === 0) return says.saysEmpty;
    if (file.size > Number(says.largest)) return says.saysSize;
    return "";
  }

  function cancel(job) {
    if (job.sending) job.sending.abort();
    const place = waiting.indexOf(job);
    if (place >= 0) waiting.splice(place, 1);
    refuse(job, says.saysCancelled, true);
  }

  function queue(job) {
    show(job, says.saysWaiting, "waiting", [button(says.saysCancel, job.file.name, function () { cancel(job); })]);
    waiting.push(job);
    next();
  }

  function next() {
    if (current || !waiting.length) return;
    current = waiting.shift();
    send(current);
  }

  function done() {
    current = null;
    next();
  }

  function send(job) {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("input[name=csrfmiddlewaretoken]").value);
    body.append("purpose", job.purpose);
    body.append("file", job.file, job.file.name);
    job.sending = request;
    job.bar.value = 0;
    show(job, says.saysSending.replace("%(percent)s", "0"), "sending", [button(says.saysCancel, job.file.name, function () { cancel(job); })]);
    request.upload.addEventListener("progress", function (event) {
      if (!event.lengthComputable || job.state !== "sending") return;
      const percent = Math.floor((100 * event.loaded) / event.total);
      job.bar.value = percent;
      job.words.textContent = percent < 100 ? says.saysSending.replace("%(percent)s", String(percent)) : says.saysChecking;
    });
    request.addEventListener("load", function () {
      job.sending = null;
      answer(job, request);
      done();
    });
    for (const kind of ["error", "timeout"]) {
      request.addEventListener(kind, function () {
        job.sending = null;
        refuse(job, says.saysOffline, true);
        done();
      });
    }
    request.addEventListener("abort", function () {
      job.sending = null;
      done();
    });
    request.open("POST", form.action);
    request.setRequestHeader("X-Upload", "yes");
    request.send(body);
  }

  function answer(job, request) {
    const isOurs = (request.getResponseHeader("Content-Type") || "").startsWith("application/json");
    if (!isOurs) {
      refuse(job, request.responseURL !== form.action ? says.saysSignedOut : request.status === 403 ? says.saysSignedOut : says.saysFailed, true);
      return;
    }
    const found = JSON.parse(request.responseText);
    if (request.status === 201) {
      show(job, says.saysDone, "done", []);
      tell(job.file.name + ": " + says.saysDone);
      job.row.remove();
      list.hidden = !list.children.length;
      refresh();
    } else {
      refuse(job, found.problems.map(function (pair) { return pair[1]; }).join(" "), request.status !== 422);
    }
  }

  // The list of attached files as the server knows it, and what follows from it (the question below).
  function refresh() {
    fetch(location.pathname, { headers: { "X-Refresh": "yes" } })
      .then(function (response) { return response.ok ? response.text() : ""; })
      .then(function (text) {
        const page = new DOMParser().parseFromString(text, "text/html");
        const fresh = page.querySelector("[data-attached]");
        if (!fresh) return;
        document.querySelector("[data-attached]").replaceWith(document.importNode(fresh, true));
        for (const box of document.querySelectorAll(".answers-form input[type=checkbox]")) box.checked = false;
        const mine = document.querySelector("[data-question]");
        const theirs = page.querySelector("[data-question]");
        if (mine && theirs) mine.replaceWith(document.importNode(theirs, true));
      })
      .catch(function () {}); // the next look at the page shows it
  }

  function take(files) {
    for (const file of files) {
      const row = element("li", "attached");
      const words = element("p", "hint");
      const bar = element("progress");
      bar.max = 100;
      bar.setAttribute("aria-label", file.name);
      const text = element("div");
      text.append(element("p", "attached-name", file.name), words, bar);
      const tools = element("div", "actions");
      row.append(text, tools);
      const job = { file: file, purpose: form.querySelector("[name=purpose]").value, row: row, words: words, bar: bar, tools: tools, sending: null };
      list.append(row);
      list.hidden = false;
      const fault = problem(file);
      if (fault) refuse(job, fault, false);
      else queue(job);
    }
  }

  input.addEventListener("change", function () {
    take([...input.files]);
    input.value = "";
  });

  // A file that misses the zone would otherwise replace the page.
  let inside = 0;
  for (const kind of ["dragenter", "dragleave", "dragover", "drop"]) {
    document.addEventListener(kind, function (event) {
      if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      if (kind === "dragenter") inside += 1;
      if (kind === "dragleave") inside -= 1;
      if (kind === "drop") inside = 0;
      zone.classList.toggle("is-over", inside > 0);
      if (kind === "drop" && zone.contains(event.target)) take([...event.dataTransfer.files]);
    });
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (input.files.length) take([...input.files]);
  });
  window.addEventListener("beforeunload", function (event) {
    if (current || waiting.length) event.preventDefault();
  });
})();
