"""Parts of a page that are rendered once and kept: the same for everybody, one for each language, and nothing of a reader in them."""

from types import SimpleNamespace

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from accounts.models import Role
from accounts.templatetags import portal
from accounts.tests.make import make_user


def draw(template: str, **context: object) -> str:
    return engines["django"].from_string(template).render(context, RequestFactory().get("/"))


def test_a_part_is_kept_for_each_language() -> None:
    with translation.override("en"):
        first = draw('{% kept "components/footer.html" %}')
    with translation.override("zh-hans"):
        second = draw('{% kept "components/footer.html" %}')
    with translation.override("en"):
        assert draw('{% kept "components/footer.html" %}') == first
    assert first != second
    assert "Privacy" in first


@pytest.mark.django_db
def test_other_words_are_another_part() -> None:
    template = '{% kept "components/office_nav.html" office_page="votes" round=round|only_slug user=user|only_rights %}'
    one, two = SimpleNamespace(slug="one"), SimpleNamespace(slug="two")
    both = make_user(None, Role.OFFICER, Role.APPROVER)
    officer, approver = draw(template, round=one, user=make_user(None, Role.OFFICER)), draw(template, round=one, user=both)
    assert "announce" not in officer
    assert "announce" in approver
    assert "/rounds/two/" in draw(template, round=two, user=both)
    assert "/rounds/two/" not in approver


@pytest.mark.django_db
def test_a_part_knows_neither_request_nor_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its template asks for: only the words that it is given."""
    given: list[dict[str, object]] = []

    def watch(name: str, context: dict[str, object], *more: object) -> str:
        given.append(dict(context))
        assert not more, "a request would bring its reader along"
        return str(render_to_string(name, context))

    monkeypatch.setattr(portal, "render_to_string", watch)
    portal._rendered.cache_clear()
    reader = SimpleNamespace(is_authenticated=True, email="ada@selenia.example")
    assert "ada@" not in draw('{% kept "components/footer.html" %}{% kept "components/account_links.html" %}', user=reader)
    assert given == [{}, {}]
