// Small behaviours of every page. Each page works without them.

// htmx sends the token that every form of the page carries.
document.addEventListener("htmx:configRequest", function (event) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && event.detail.verb !== "get") {
    event.detail.headers["X-CSRFToken"] = token.value;
  }
});

// An open menu closes by Escape, by a click elsewhere and when the focus leaves it.
document.addEventListener("keydown", function (event) {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, function (event) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
}

// On a phone the navigation scrolls sideways: begin where the reader is.
for (const here of document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")) {
  const row = here.closest("nav");
  row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}

// A form that is on its way is not sent twice by an impatient double click.
document.addEventListener("submit", function (event) {
  if (event.defaultPrevented || event.target.method !== "post" || event.target.hasAttribute("hx-post")) return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "yes";
  event.target.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", function () {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// Deadlines are also shown in the reader's own zone; the server knows it from this cookie (accounts/middleware.py).
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes("reader_zone=" + zone)) {
  document.cookie = "reader_zone=" + zone + "; path=/; max-age=31536000; samesite=lax" + (location.protocol === "https:" ? "; secure" : "");
}
