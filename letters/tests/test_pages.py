"""The pages of the letters: a reader's own, and nobody else's."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from letters.actions import release_letters, revoke_letter, supersede_letter
from letters.models import Letter
from letters.tests.make import make_letter, make_words, printed
from letters.words import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> User:
    user = make_user("reader@example.org")
    client.force_login(user)
    return user


def addresses(letter: Letter) -> list[str]:
    return [reverse(f"letters:{name}", args=[letter.number]) for name in ("letter", "pdf")]


def without_tokens(page: Any, number: str) -> str:
    """A page without what differs from one answer to the next."""
    return re.sub(r'((?:name="csrfmiddlewaretoken" value|data-session-seconds)=)"\w+"', r"\1", page.content.decode().replace(number, ""))


def test_a_reader_sees_the_letter_downloads_it_and_is_told_of_the_mail(client: Client, reader: User) -> None:
    letter = printed(make_letter(reader))
    page = client.get(addresses(letter)[0])
    assert page.status_code == 200
    for words in (letter.number, letter.grouped_code, "贵单位的申请已获批准。", "Your application has been approved.", "Waiting to be sent"):
        assert words in page.content.decode()
    file = client.get(addresses(letter)[1])
    assert hashlib.sha256(file.content).hexdigest() == letter.digest
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == f'attachment; filename="{letter.number}.pdf"'
    assert file["Cache-Control"] == "private, no-store"


def test_a_letter_that_is_not_printed_yet_says_so_and_offers_no_file(client: Client, reader: User) -> None:
    letter = make_letter(reader)
    page, file = addresses(letter)
    assert "The PDF is being made" in client.get(page).content.decode()
    assert client.get(file)["Location"] == page


def test_a_letter_that_cannot_be_printed_says_who_takes_care(client: Client, reader: User) -> None:
    letter = printed(make_letter(reader, words=make_words(addressee=("😀",))))
    assert "The office sees this" in client.get(addresses(letter)[0]).content.decode()


def test_a_damaged_file_is_not_handed_out_and_the_page_says_why(client: Client, reader: User) -> None:
    letter = printed(make_letter(reader))
    Letter.objects.filter(pk=letter.pk).update(digest="0" * 64)
    answer = client.get(addresses(letter)[1])
    assert answer.status_code == 503
    assert "cannot be opened at the moment" in answer.content.decode()


@pytest.mark.parametrize("role", [None, *Role])
def test_whoever_is_no_reader_finds_no_letter(client: Client, role: Role | None) -> None:
    letter = printed(make_letter(make_user()))
    client.force_login(make_user(None, *([role] if role else [])))
    assert [client.get(address).status_code for address in addresses(letter)] == [404, 404]
    assert letter.number not in client.get(reverse("letters:list")).content.decode()


def test_whoever_is_not_signed_in_is_asked_to_sign_in(client: Client) -> None:
    letter = printed(make_letter(make_user()))
    for address in (reverse("letters:list"), *addresses(letter)):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


def test_a_letter_is_as_good_as_not_written_until_its_moment(client: Client, reader: User) -> None:
    letter = printed(make_letter(reader, key="decision:1", held=True))
    unknown = [client.get(address.replace(letter.number, "LSL-2020-00001")) for address in addresses(letter)]
    empty = client.get(reverse("letters:list")).content.decode()

    def learns_nothing() -> bool:
        pages = [client.get(address) for address in addresses(letter)]
        return [page.status_code for page in pages] == [404, 404] and all(
            without_tokens(page, letter.number) == without_tokens(other, "LSL-2020-00001") for page, other in zip(pages, unknown, strict=True)
        )

    assert learns_nothing()
    release_letters(["decision:1"], visible_at=timezone.now() + timedelta(hours=1), by=None)
    assert learns_nothing()
    assert "No letter has been written to you yet." in empty
    assert "No letter has been written to you yet." in client.get(reverse("letters:list")).content.decode()
    Letter.objects.update(visible_at=timezone.now())
    assert [client.get(address).status_code for address in addresses(letter)] == [200, 200]


def test_a_letter_dropped_before_its_release_stays_unknown(client: Client, reader: User) -> None:
    letter = printed(make_letter(reader, held=True))
    revoke_letter(letter, by=None, note="Withdrawn")
    assert client.get(addresses(letter)[0]).status_code == 404


def test_a_replaced_letter_says_so_and_stays_readable(client: Client, reader: User) -> None:
    old, new = printed(make_letter(reader)), make_letter(reader)
    supersede_letter(old, new, by=None)
    page = client.get(addresses(old)[0]).content.decode()
    assert "has been replaced by a newer one" in page
    assert new.number in page


def test_markup_in_a_name_is_text_on_the_page(client: Client, reader: User) -> None:
    letter = make_letter(reader, words=make_words(addressee=("<script>alert(1)</script>",), title=Pair("<b>Decision</b>", "决定")))
    page = client.get(addresses(letter)[0]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>Decision" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_questions_for_one_letter_and_for_three(
    client: Client, reader: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        make_letter(reader)
    with django_assert_num_queries(3):  # session, reader, letters
        page = client.get(reverse("letters:list"))
    assert page.content.decode().count('scope="row"') == count


@pytest.mark.parametrize("count", [1, 3])
def test_a_letter_asks_the_same_questions_with_one_reader_and_with_three(
    client: Client, reader: User, count: int, django_assert_num_queries: Any
) -> None:
    letter = printed(make_letter(reader, *(make_user() for _ in range(count - 1))))
    with django_assert_num_queries(4):  # session, reader, letter, mail
        client.get(addresses(letter)[0])


def test_a_long_list_goes_on_where_the_page_before_ended(client: Client, reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = [make_letter(reader) for _ in range(52)]
    first = client.get(reverse("letters:list"))
    assert letters[-1].number in first.content.decode()
    assert letters[1].number not in first.content.decode()
    second = client.get(first.context["next_url"])
    assert [letter.number for letter in second.context["letters"]] == [letters[1].number, letters[0].number]
    assert second.context["next_url"] == ""
