// Saves the answers of a form while they are typed, right or wrong, and never overwrites what somebody else has written.
// What is not saved yet also lies in this browser, so that a killed tab, a lost line or an ended session costs nothing.

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const says = form.dataset;
  const state = form.querySelector(".save-state");
  const place = "kept:" + says.kept;
  const QUIET = 1500; // ms after the last keystroke
  const LONGEST = 4000; // ms from the first unsaved keystroke
  const BLINK = 300; // ms after a field was left: a saving between press and release moves the button away from under the pointer
  let timer = 0;
  let firstUnsaved = 0;
  let running = null; // the saving on its way
  let sent = {}; // what it carries
  let wait = 5000;
  let leaving = false; // the whole form is on its way: a saving beside it would come too late and be refused

  function fields() {
    return [...form.elements].filter((field) => field.name && baseOf(field.name));
  }

  function baseOf(name) {
    return form.querySelector('input[type="hidden"][name="base-' + CSS.escape(name) + '"]');
  }

  function valueOf(name) {
    const found = [...form.elements].filter((field) => field.name === name);
    if (found[0].type === "radio") return (found.find((field) => field.checked) || { value: "" }).value;
    if (found[0].type === "checkbox") return found[0].checked ? "yes" : "";
    return found[0].value;
  }

  function put(name, text) {
    for (const field of [...form.elements].filter((one) => one.name === name)) {
      if (field.type === "radio") field.checked = field.value === text;
      else if (field.type === "checkbox") field.checked = text === "yes";
      else field.value = text;
    }
    form.dispatchEvent(new CustomEvent("answers:changed"));
  }

  const stored = {};
  for (const field of fields()) stored[field.name] = valueOf(field.name);

  function unsaved() {
    const found = {};
    for (const name of Object.keys(stored)) {
      if (valueOf(name) !== stored[name]) found[name] = valueOf(name);
    }
    return found;
  }

  // --- What lies in this browser ------------------------------------------------------------------------------------------

  function keep() {
    const texts = unsaved();
    try {
      if (Object.keys(texts).length === 0) localStorage.removeItem(place);
      else {
        const bases = {};
        for (const name of Object.keys(texts)) bases[name] = baseOf(name).value;
        localStorage.setItem(place, JSON.stringify({ texts, bases, sent }));
      }
    } catch (full) {
      // A browser without room or without permission: the server still saves.
    }
  }

  function found() {
    let kept;
    try {
      kept = JSON.parse(localStorage.getItem(place) || "null");
    } catch (broken) {
      kept = null;
    }
    if (!kept) return;
    let any = false;
    for (const [name, text] of Object.entries(kept.texts)) {
      if (!(name in stored) || text === stored[name]) continue;
      put(name, text);
      // What stands on the server may be what this browser sent last without hearing back; if somebody else has written, the server tells.
      if (stored[name] !== (kept.sent || {})[name]) baseOf(name).value = kept.bases[name];
      any = true;
    }
    if (any) {
      say(says.saysFound, "");
      schedule(0);
    } else localStorage.removeItem(place);
  }

  // --- Saving -------------------------------------------------------------------------------------------------------------

  function say(text, tone) {
    if (!state) return;
    if (state.textContent !== text) state.textContent = text;
    state.dataset.tone = tone;
  }

  function schedule(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  function save() {
    if (!running && !leaving && Object.keys(unsaved()).length > 0) running = send().finally(() => (running = null));
    return running;
  }

  async function send() {
    const texts = unsaved();
    sent = { ...sent, ...texts };
    keep();
    firstUnsaved = 0;
    say(says.saysSaving, "");
    const body = new URLSearchParams();
    body.set("csrfmiddlewaretoken", form.querySelector("input[name=csrfmiddlewaretoken]").value);
    for (const name of Object.keys(stored)) {
      if (name in texts) body.set(name, texts[name]);
      else if (valueOf(name) === "yes") body.set(name, "yes"); // a tick that stands
      body.set("base-" + name, baseOf(name).value);
    }
    try {
      const answer = await fetch(says.autosave, {
        method: "POST", body, redirect: "manual", credentials: "same-origin", headers: { "X-Autosave": "yes" }, keepalive: body.toString().length < 60000,
      });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) say(says.saysSignedOut, "bad");
      else if (answer.status === 409) say((await answer.json()).refusal, "bad");
      else if (!answer.ok) throw new Error(String(answer.status));
      else took(await answer.json(), texts);
      wait = 5000;
    } catch (lost) {
      say(says.saysOffline, "bad");
      schedule(wait);
      wait = Math.min(wait * 2, 30000);
    }
    if (firstUnsaved) schedule(QUIET);
  }

  function took(answer, texts) {
    for (const [name, base] of Object.entries(answer.bases)) {
      if (!(name in texts)) continue;
      baseOf(name).value = base;
      stored[name] = texts[name];
      delete sent[name];
    }
    for (const [name, other] of Object.entries(answer.conflicts)) differ(name, other);
    for (const name of Object.keys(stored)) mark(name, answer.wrong[name]);
    keep();
    form.dispatchEvent(new CustomEvent("answers:saved", { detail: answer }));
    if (Object.keys(answer.conflicts).length === 0) {
      say(says.saysSaved.replace("%(time)s", new Date(answer.at).toLocaleTimeString(document.documentElement.lang)), "good");
    } else say("", "");
  }

  // --- What the server says about single answers --------------------------------------------------------------------------

  function boxOf(name) {
    return document.getElementById("div_id_" + name);
  }

  function mark(name, problem) {
    const box = boxOf(name);
    if (!box) return;
    let error = box.querySelector(":scope > .error");
    box.classList.toggle("has-error", Boolean(problem));
    const field = box.querySelector("[name='" + CSS.escape(name) + "']");
    if (!problem) {
      if (error) error.remove();
      if (field) field.removeAttribute("aria-invalid");
      return;
    }
    if (!error) {
      error = document.createElement("div");
      error.className = "error";
      error.id = "id_" + name + "_error";
      const before = box.querySelector(":scope > :is(input, select, textarea, .options, .option, .with-unit)");
      box.insertBefore(error, before);
    }
    error.textContent = says.saysError + " " + problem;
    if (field) {
      field.setAttribute("aria-invalid", "true");
      if (!(field.getAttribute("aria-describedby") || "").includes(error.id)) {
        field.setAttribute("aria-describedby", ((field.getAttribute("aria-describedby") || "") + " " + error.id).trim());
      }
    }
  }

  function differ(name, other) {
    const box = boxOf(name) || form;
    const old = box.querySelector(":scope > .differs");
    if (old) old.remove();
    const panel = document.createElement("div");
    panel.className = "differs note warn";
    panel.setAttribute("role", "alert");
    const head = document.createElement("p");
    const who = document.createElement("strong");
    who.textContent = says.saysOther.replace("%(name)s", other.by || says.saysSomebody);
    head.append(who);
    const text = document.createElement("p");
    text.className = "written";
    text.textContent = other.shown || says.saysEmpty;
    const actions = document.createElement("div");
    actions.className = "actions";
    const choose = (label, use) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button quiet small";
      button.textContent = label;
      button.addEventListener("click", () => {
        const settle = () => {
          stored[name] = other.text;
          baseOf(name).value = other.base;
          if (use) put(name, other.text);
          for (const shown of box.querySelectorAll(":scope > .differs")) shown.remove();
          keep();
          schedule(0);
        };
        if (running) running.then(settle); // leaving the field has just sent the old state once more
        else settle();
      });
      actions.append(button);
    };
    choose(says.saysTheirs, true);
    choose(says.saysMine, false);
    panel.append(head, text, actions);
    box.append(panel);
  }

  // --- When ---------------------------------------------------------------------------------------------------------------

  form.addEventListener("input", (event) => {
    if (!(event.target.name in stored)) return;
    keep();
    const now = Date.now();
    firstUnsaved = firstUnsaved || now;
    schedule(Math.max(0, Math.min(QUIET, firstUnsaved + LONGEST - now)));
  });
  form.addEventListener("change", (event) => {
    if (event.target.name in stored) schedule(BLINK);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  window.addEventListener("online", () => schedule(0));
  window.addEventListener("pageshow", () => (leaving = false)); // back by the browser's button
  function named(button) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = button.name;
    field.value = button.value;
    return field;
  }

  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    leaving = !running;
    setTimeout(() => (leaving = leaving && !event.defaultPrevented), 0); // a script that sends the form itself stays on the page
    if (leaving) return;
    event.preventDefault(); // first hear what became of the saving on its way, or the server would take our own text for another's
    const button = event.submitter;
    running.then(() => {
      if (button && !button.isConnected) form.append(named(button)); // a list that was drawn anew meanwhile took it away
      form.requestSubmit(button && button.isConnected ? button : null);
    });
  });
  found();
}
