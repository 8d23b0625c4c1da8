"""What holds for every test: no network, no undefined template variable, no missing static file, and the invariants afterwards."""

import importlib
import ipaddress
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.db import connection
from django.template.base import FilterExpression, Node
from django.utils import timezone, translation

KEYS = tempfile.TemporaryDirectory(prefix="lunar-keys-")
LETTERS = tempfile.TemporaryDirectory(prefix="lunar-letters-")  # gone with this process
TEMPLATES = str(settings.BASE_DIR / "templates")


class NetworkUsed(BaseException):
    """A test tried to reach another machine. Not an Exception: nobody may catch it and go on."""


class UndefinedVariable:
    """Django asks for a replacement when a template names something that does not exist: in a template of ours that is an error.

    Templates of others (admin, widgets) rely on silence, and `|default:` says that the silence is meant.
    """

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, name: object) -> Any:
        frame = sys._getframe(1)
        expression = frame.f_locals.get("self")
        node = expression
        walker = frame
        while not (isinstance(node, Node) and getattr(node, "origin", None)):
            if walker.f_back is None:
                return ""
            walker = walker.f_back
            node = walker.f_locals.get("self")
        meant = isinstance(expression, FilterExpression) and expression.filters and expression.filters[0][0].__name__.startswith("default")
        if node.origin.name.startswith(TEMPLATES) and not meant:
            raise AssertionError(f"{Path(node.origin.name).relative_to(TEMPLATES)}: undefined variable {name}")
        if isinstance(expression, FilterExpression):
            value = expression.resolve(frame.f_locals["context"], ignore_failures=True)
            return "" if value is None else value
        return ""


class FoundStaticFiles(StaticFilesStorage):
    """Plain addresses, so that no collectstatic is needed; a page that names a missing file fails as it would in production."""

    def url(self, name: str | None) -> str:
        if name and not name.endswith("/") and finders.find(name) is None:
            raise ValueError(f"static file {name} does not exist")
        return super().url(name)


def stay_at_home(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: Python calls it before every connection; it lets only this machine pass."""
    if event == "socket.connect":
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = arguments
    else:
        return
    if not isinstance(address, tuple) or not address:
        return  # a unix socket
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    if host in {None, "", "localhost"}:
        return
    try:
        if ipaddress.ip_address(str(host).split("%", maxsplit=1)[0]).is_loopback:
            return
    except ValueError:
        pass
    raise NetworkUsed(f"a test tried to reach {host}")


def pytest_configure() -> None:
    sys.addaudithook(stay_at_home)
    options: Any = settings.TEMPLATES[0]["OPTIONS"]
    options["string_if_invalid"] = UndefinedVariable()
    settings.STORAGES["staticfiles"] = {"BACKEND": "conftest.FoundStaticFiles"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # scrypt is slow on purpose
    settings.MEDIA_ROOT = LETTERS.name
    # Letters of the tests are signed as a demonstration's are.
    subprocess.run([sys.executable, settings.BASE_DIR / "script" / "demonstration_key", KEYS.name], check=True)  # noqa: S603
    settings.LETTER_SIGNING_KEY = f"{KEYS.name}/demonstration-signing-key.pem"
    settings.LETTER_SIGNING_CERTIFICATE = f"{KEYS.name}/demonstration-signing-certificate.pem"


class Promise(NamedTuple):
    """What an app says of its rows, and the SQL that finds a row for which it is not so."""

    app: str
    title: str
    sql: str


@pytest.fixture(autouse=True)
def reader_forgotten() -> Iterator[None]:
    """The test client answers in the test's own thread: a Chinese reader must not set the language and zone of the next test."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(scope="session")
def invariants() -> dict[str, Promise]:
    """Every app's promises by their ids."""
    found: dict[str, Promise] = {}
    for app in apps.get_app_configs():
        if (Path(app.path) / "invariants.py").exists() and Path(app.path).parent == settings.BASE_DIR:
            for name, title, sql in importlib.import_module(f"{app.name}.invariants").INVARIANTS:
                assert name not in found, f"two invariants are called {name}"
                found[name] = Promise(app.name, title, sql.strip().rstrip(";"))
    return found


def known_to(request: pytest.FixtureRequest) -> set[str]:
    """The apps whose promises a test can keep: its own and the earlier ones. A test of the ledger makes holds without any award."""
    app = request.node.nodeid.split("/")[0]
    order = [name for name in settings.INSTALLED_APPS if (settings.BASE_DIR / name).is_dir()]
    return set(order[order.index(app) :] if app in order and app != "lunarloans" else order)


@pytest.fixture(autouse=True)
def invariants_hold(request: pytest.FixtureRequest, invariants: dict[str, Promise]) -> Iterator[None]:
    """After every test that used the database no invariant may be broken (mark `breaks_invariants` where that is the point)."""
    uses_database = request.node.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if uses_database:
        request.getfixturevalue("db")  # set up before us, so that it is still there when we look
    yield
    known = known_to(request)
    asked = {name: promise for name, promise in invariants.items() if promise.app in known}
    if not uses_database or request.node.get_closest_marker("breaks_invariants") or connection.needs_rollback or not asked:
        return
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS ({promise.sql})" for name, promise in asked.items()))
        for (name,) in cursor.fetchall():
            cursor.execute(asked[name].sql)
            pytest.fail(f"{name}: {asked[name].title}: {cursor.fetchmany(5)}")
