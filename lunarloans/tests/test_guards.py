"""The guards of conftest.py do guard: without this a silent one would go unnoticed."""

import socket
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine, Origin, Template
from django.templatetags.static import static

from conftest import NetworkUsed

OURS = str(settings.BASE_DIR / "templates" / "page.html")
THEIRS = "/elsewhere/admin/page.html"


def render(text: str, origin: str, **context: object) -> str:
    return Template(text, Origin(origin), engine=Engine.get_default()).render(Context(context))


@pytest.mark.parametrize("text", ["{{ nothing }}", "{{ thing.nothing }}", "{{ nothing|upper }}", "{% include name %}", "{% firstof 1 %}{{ no }}"])
def test_an_undefined_variable_in_a_template_of_ours_is_an_error(text: str) -> None:
    with pytest.raises(AssertionError, match="undefined variable"):
        render(text, OURS, thing={})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ nothing|default:'–' }}", "–"),
        ("{% if nothing %}yes{% else %}no{% endif %}", "no"),
        ("{% for row in nothing %}{% empty %}none{% endfor %}", "none"),
    ],
)
def test_a_template_of_ours_may_say_that_something_can_be_missing(text: str, shown: str) -> None:
    assert render(text, OURS) == shown


def test_templates_of_others_rely_on_silence() -> None:
    assert render("[{{ nothing }}{{ nothing|default:'–' }}]", THEIRS) == "[–]"


def test_our_templates_are_found_where_the_guard_looks() -> None:
    assert Path(Engine.get_default().get_template("base.html").origin.name).is_relative_to(settings.BASE_DIR / "templates")


def test_a_missing_static_file_is_an_error() -> None:
    assert static("css/lunar.css") == "/static/css/lunar.css"
    with pytest.raises(ValueError, match=r"css/solar.css"):
        static("css/solar.css")


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "loans.example.org"])
def test_no_test_reaches_another_machine(host: str) -> None:
    with pytest.raises(NetworkUsed):
        socket.create_connection((host, 443), timeout=1)


def test_this_machine_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass
