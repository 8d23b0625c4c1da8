// A search field that lists institutions while one types (the ARIA pattern "editable combobox with list"). Choosing one adds it to the
// radio buttons of the form and marks it there. Without this script, or when the portal is slow, the Search button does the work.
(function () {
  const PAUSE = 180; // ms after the last keystroke
  const PATIENCE = 4000; // ms; then the field is an ordinary one
  const CHARACTER = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/; // one of these says as much as a syllable

  function begin(box) {
    const input = box.querySelector("input");
    const status = box.querySelector("[role=status]");
    const form = input.form;
    const known = new Map(); // what was asked on this page already
    let rows = [];
    let active = -1;
    let timer = 0;
    let asking = null;
    let composing = false;

    const list = document.createElement("ul");
    list.id = input.id + "_list";
    list.className = "typeahead-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", box.dataset.saysList);
    list.hidden = true;
    input.after(list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-describedby", input.id + "_says");
    input.setAttribute("autocomplete", "off");
    input.setAttribute("autocapitalize", "none");
    input.setAttribute("spellcheck", "false");

    function say(text) {
      if (status.textContent !== text) status.textContent = text;
    }

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function stop() {
      clearTimeout(timer);
      if (asking) asking.abort();
      asking = null;
    }

    function mark(number) {
      active = number;
      list.querySelectorAll("[role=option]").forEach(function (option, place) {
        option.setAttribute("aria-selected", String(place === number));
        if (place === number) option.scrollIntoView({ block: "nearest" });
      });
      if (number < 0) input.removeAttribute("aria-activedescendant");
      else input.setAttribute("aria-activedescendant", list.id + "_" + number);
    }

    function line(text, kind) {
      const part = document.createElement("span");
      part.className = kind;
      part.textContent = text;
      return part;
    }

    function show(answer) {
      rows = answer.results;
      list.replaceChildren(
        ...rows.map(function (row, place) {
          const option = document.createElement("li");
          option.id = list.id + "_" + place;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.dataset.place = place;
          option.append(line(row.name, "name"));
          if (row.other) option.append(line(row.other, "other"));
          option.append(line([row.place, row.caution].filter(Boolean).join(" · "), "hint"));
          return option;
        }),
      );
      say(answer.said);
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !rows.length;
      input.setAttribute("aria-expanded", String(rows.length > 0));
    }

    async function ask(text) {
      stop();
      if (known.has(text)) return show(known.get(text));
      const mine = new AbortController();
      asking = mine;
      let isLate = false;
      const slow = setTimeout(() => say(box.dataset.saysWaiting), 600);
      const late = setTimeout(function () {
        isLate = true;
        mine.abort();
      }, PATIENCE);
      try {
        const response = await fetch(box.dataset.typeahead + "?" + new URLSearchParams({ q: text }), {
          headers: { Accept: "application/json" },
          signal: mine.signal,
        });
        if (!(response.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("not signed in, or an error page");
        const answer = await response.json();
        if (response.ok) known.set(text, answer);
        if (asking === mine) show(answer);
      } catch {
        if (asking !== mine && !isLate) return; // a newer question is under way
        close();
        say(box.dataset.saysDown);
      } finally {
        clearTimeout(slow);
        clearTimeout(late);
        if (asking === mine) asking = null;
      }
    }

    function typed() {
      stop();
      const text = input.value.normalize("NFKC").trim().slice(0, 200);
      if (text.length < 2 && !CHARACTER.test(text)) {
        close();
        say("");
        return;
      }
      timer = setTimeout(() => ask(text), PAUSE);
    }

    function radios() {
      return [...form.querySelectorAll('input[type="radio"]')].filter((radio) => radio.name === box.dataset.radios);
    }

    function choose(row) {
      const key = String(row.id);
      let radio = radios().find((one) => one.value === key);
      if (!radio) {
        const first = radios()[0];
        const spare = form.querySelector("[data-typeahead-choice]");
        const group = first ? first.closest(".options") : spare.querySelector(".options");
        if (!first) spare.hidden = false;
        const option = document.createElement("div");
        option.className = "option";
        radio = document.createElement("input");
        radio.type = "radio";
        radio.name = box.dataset.radios;
        radio.value = key;
        radio.id = input.id + "_chosen_" + key;
        const label = document.createElement("label");
        label.htmlFor = radio.id;
        label.append(row.name);
        for (const text of [row.other, [row.place, row.caution].filter(Boolean).join(" · ")]) {
          if (text) label.append(document.createElement("br"), line(text, text === row.other ? "" : "hint"));
        }
        option.append(radio, label);
        group.append(option);
      }
      stop();
      close();
      input.value = "";
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
      say(box.dataset.saysChosen.replace("%(name)s", row.name));
      radio.focus();
    }

    input.addEventListener("compositionstart", function () {
      composing = true;
      stop();
    });
    input.addEventListener("compositionend", function () {
      composing = false;
      typed();
    });
    input.addEventListener("input", function (event) {
      if (!composing && !event.isComposing) typed();
    });
    input.addEventListener("keydown", function (event) {
      if (composing || event.isComposing || event.keyCode === 229) return; // the keys belong to the input method
      const isOpen = !list.hidden;
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && rows.length) {
        event.preventDefault();
        if (!isOpen) {
          list.hidden = false;
          input.setAttribute("aria-expanded", "true");
          if (event.altKey) return;
        }
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(active < 0 ? (step > 0 ? 0 : rows.length - 1) : (active + step + rows.length) % rows.length);
      } else if (event.key === "Enter") {
        event.preventDefault(); // this field never sends the whole form
        if (isOpen && active >= 0) choose(rows[active]);
        else if (input.value.trim()) box.querySelector("button").click();
      } else if (event.key === "Escape" && isOpen) {
        event.preventDefault();
        close();
      } else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
        mark(-1);
      }
    });
    input.addEventListener("blur", close);
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
    list.addEventListener("click", function (event) {
      const option = event.target.closest("[role=option]");
      if (option) choose(rows[Number(option.dataset.place)]);
    });
  }

  document.querySelectorAll("[data-typeahead]").forEach(begin);
})();
