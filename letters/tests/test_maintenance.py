"""What the machine must have, and what an administrator may look at."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from accounts.tests.make import make_user
from letters import checks
from letters.fonts import FACES, Face
from letters.tests.make import make_letter


def test_this_machine_has_what_letters_need() -> None:
    assert checks.fonts_are_there(None) == []
    assert checks.subsetter_is_there(None) == []


def test_a_missing_font_or_library_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FACES", (*FACES, Face("Letter Sans", Path("/nowhere/Font.otf"))))
    monkeypatch.setattr(checks, "find_library", lambda name: None)
    (font,) = checks.fonts_are_there(None)
    assert "Font.otf" in str(font.msg)
    assert {problem.id for problem in checks.subsetter_is_there(None)} == {"letters.W001", "letters.W002"}
    assert "libharfbuzz-subset0" in " ".join(str(problem.hint) for problem in checks.subsetter_is_there(None))


@pytest.mark.django_db
def test_the_admin_shows_the_print_and_neither_words_nor_changes(client: Client) -> None:
    letter = make_letter(make_user("zoe@example.org"))
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    for name, pk, shown in (("letter", letter.pk, letter.number), ("mail", letter.mails.get().pk, "@")):
        page = client.get(reverse(f"admin:letters_{name}_changelist"))
        assert page.status_code == 200
        page = client.get(reverse(f"admin:letters_{name}_change", args=[pk]))
        assert shown in page.content.decode()
        for hidden in ("Decision on your application", letter.check_code, letter.reference, "zoe@example.org"):
            assert hidden not in page.content.decode()
        assert client.post(reverse(f"admin:letters_{name}_change", args=[pk]), {"problem": "x"}).status_code == 403
        assert client.post(reverse(f"admin:letters_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
