"""What every page carries: language, way to the content, switches, marks of faults; and the pages of last resort."""

import re
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation


class Question(forms.Form):
    answer = forms.CharField()


def draw(template: str, **context: object) -> str:
    request = RequestFactory().get("/samples/?q=glass")
    request.user = AnonymousUser()
    return render_to_string(template, {"is_demo": False, "navigation": [], **context}, request)


@pytest.mark.parametrize(("code", "written"), [("en", "en"), ("zh-hans", "zh-Hans")])
@pytest.mark.django_db
def test_a_page_names_its_language_and_offers_the_other(code: str, written: str) -> None:
    with translation.override(code):
        html = draw("404.html")
    assert f'<html lang="{written}">' in html
    assert ('value="zh-hans" lang="zh-Hans">中文' in html) == (code == "en")
    assert ('value="en" lang="en">English' in html) == (code != "en")


@pytest.mark.django_db
def test_the_language_switch_keeps_the_page() -> None:
    assert 'name="next" value="/samples/?q=glass"' in draw("404.html")


@pytest.mark.django_db
def test_a_page_starts_with_the_way_to_its_content() -> None:
    html = draw("404.html")
    assert html.index('class="skip" href="#main"') < html.index("<header")
    assert '<main id="main"' in html


@pytest.mark.django_db
def test_the_title_of_a_page_with_faults_says_so_first() -> None:
    assert "<title>Error: " in draw("404.html", form=Question({}))
    assert "<title>Error: " not in draw("404.html", form=Question())


@pytest.mark.django_db
def test_the_navigation_marks_where_one_is() -> None:
    html = draw(
        "404.html",
        navigation=[SimpleNamespace(url="/samples/", label="Samples", is_current=True), SimpleNamespace(url="/x/", label="X", is_current=False)],
    )
    assert '<a href="/samples/" aria-current="page">Samples</a>' in html
    assert '<a href="/x/">X</a>' in html


@pytest.mark.django_db
def test_the_demonstration_is_marked() -> None:
    assert 'class="demo"' in draw("404.html", is_demo=True)
    assert 'class="demo"' not in draw("404.html")


@pytest.mark.parametrize("name", ["403.html", "404.html", "429.html"])
@pytest.mark.django_db
def test_an_error_page_names_its_number_and_a_way_on(name: str) -> None:
    html = draw(name)
    assert name[:3] in html
    assert 'class="button"' in html


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_a_page_of_last_resort_needs_nothing_and_speaks_both_languages(name: str) -> None:
    html = get_template(name).render()  # no request, no database
    assert '<section lang="zh-Hans"' in html
    assert "everything saved before is still there" in html or "Nothing that you saved is lost" in html
    for path in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        assert (settings.BASE_DIR / "static" / path).is_file()


def test_no_template_styles_or_scripts_in_place() -> None:
    folder = settings.BASE_DIR / "templates"
    for path in folder.rglob("*.html"):
        if path.is_relative_to(folder / "letters"):
            continue
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\b(?:src|type=\"application/json\"))", text), path


def test_the_scripts_and_styles_name_no_other_host() -> None:
    for path in [*(settings.BASE_DIR / "static").rglob("*.css"), *(settings.BASE_DIR / "static").rglob("*.js")]:
        assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", path.read_text()), path
