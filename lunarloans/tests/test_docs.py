"""What the README and the pages in docs/ name exists."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

ROOT: Path = settings.BASE_DIR
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LARGEST = 250_000  # bytes of a picture


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _hash, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page: Path) -> None:
    text = page.read_text()
    for script in re.findall(r"\bscript/(\w+)", text):
        assert (ROOT / "script" / script).exists(), script
    for command in re.findall(r"(?:manage\.py|script/manage|^manage|`manage) ([a-z]\w+)", text, re.MULTILINE):
        assert command in get_commands(), command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_address_exists(page: Path) -> None:
    for address in re.findall(r"`(/[a-z][a-z/]*/)`", page.read_text()):
        if address not in {"/srv/", "/healthz/"}:
            resolve(address)


def test_every_picture_is_shown_and_light_enough() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\((docs/screenshots/[^)]+)\)", (ROOT / "README.md").read_text()))
    assert shown == {str(file.relative_to(ROOT)) for file in (ROOT / "docs" / "screenshots").glob("*")}
    assert all((ROOT / name).stat().st_size < LARGEST for name in shown)
