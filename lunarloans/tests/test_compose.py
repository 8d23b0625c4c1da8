"""docker-compose.yml without an engine: every command and every variable in it exists."""

import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from lunarloans.tests.test_settings import names_described, names_read

COMPOSE: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == COMPOSE["x-portal"]["image"]}
DOCKERFILE: str = (settings.BASE_DIR / "Dockerfile").read_text()


def command_of_dockerfile() -> list[str]:
    found = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    command: list[str] = yaml.safe_load(found[1])
    return command


def test_the_portal_runs_as_web_worker_and_beat_after_a_migration_of_its_own() -> None:
    assert {"web", "worker", "beat", "migrate"} <= OURS.keys()
    for name in ("web", "worker", "beat"):
        assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert "migrate" not in OURS[name]["command"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_exists(name: str) -> None:
    program, *arguments = OURS[name]["command"]
    assert shutil.which(program), f"{program} is not on the path"
    if program == "python":
        assert arguments[0] == "manage.py"
        assert arguments[1] in get_commands()
    elif program == "gunicorn":
        assert importlib.util.find_spec(arguments[0])
    else:
        assert arguments[:2] == ["-A", "lunarloans"]
        assert arguments[2] in {"worker", "beat"}


def test_the_image_serves_as_compose_serves() -> None:
    assert OURS["web"]["command"] == command_of_dockerfile()


def test_every_health_check_of_ours_calls_a_file_that_exists() -> None:
    test = OURS["web"]["healthcheck"]["test"]
    assert test[:2] == ["CMD", "python3"]
    assert (settings.BASE_DIR / test[2]).is_file()


def test_every_variable_given_to_the_portal_is_read_by_it() -> None:
    given = {variable for service in OURS.values() for variable in service["environment"]}
    assert given - names_read().keys() == set()


def test_every_variable_asked_of_the_reader_is_described() -> None:
    asked = set(re.findall(r"\$\{([A-Z_0-9]+)", (settings.BASE_DIR / "docker-compose.yml").read_text()))
    assert asked - names_described() == set()


def test_every_variable_set_by_the_image_is_read_by_the_portal() -> None:
    block = DOCKERFILE[DOCKERFILE.index("\nENV ") : DOCKERFILE.index("\nWORKDIR /srv/portal\nUSER")]
    of_others = {"PATH", "PYTHONUNBUFFERED", "XDG_CACHE_HOME"}
    assert set(re.findall(r"\b([A-Z_]+)=", block)) - of_others - names_read().keys() == set()


def test_the_queue_forgets_nothing_and_nobody_outside_reaches_it() -> None:
    queue = COMPOSE["services"]["queue"]
    assert " ".join(queue["command"]) == "redis-server --appendonly yes --maxmemory-policy noeviction"
    assert queue["networks"] == ["inside"]
    assert "ports" not in queue
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_no_secret_stands_in_the_file() -> None:
    for service in COMPOSE["services"].values():
        for variable, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD", variable):
                assert str(value).startswith("${"), variable


def test_the_image_is_built_from_locked_requirements_and_runs_without_root() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert DOCKERFILE.rindex("USER") > DOCKERFILE.rindex("RUN")


def test_every_file_that_the_image_copies_exists() -> None:
    for source in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE):
        assert Path(settings.BASE_DIR / source).exists(), source


def test_system_packages_of_the_image_are_those_of_the_setup() -> None:
    wanted = set(re.findall(r"need_library (lib\S+)", (settings.BASE_DIR / "script" / "setup").read_text()))
    assert wanted <= set(DOCKERFILE.split())
