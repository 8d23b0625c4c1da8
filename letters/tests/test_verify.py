"""The public check, and the command that judges a file."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.make import make_user
from letters.actions import release_letters, revoke_letter, supersede_letter
from letters.codes import new_code
from letters.models import Letter
from letters.post import open_pdf
from letters.press import PRESS
from letters.seal import digest_of_file
from letters.signature import sign
from letters.tests.make import another_key, make_letter, printed

pytestmark = pytest.mark.django_db


def check(client: Client, letter: Letter) -> Any:
    return client.get(reverse("letters:check", args=[letter.check_code]))


def test_anyone_may_check_a_valid_letter(client: Client) -> None:
    letter = printed(make_letter(make_user(full_name="Zoë Secret")))
    answer = check(client, letter)
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("is valid", letter.number, "Decision", "Example University", letter.digest, "sha256sum", "certutil"):
        assert words in page
    for secret in ("Secret", letter.reference, "12.4", "approved"):
        assert secret not in page


@pytest.mark.parametrize("spelling", ["grouped", "lower with spaces", "misread"])
def test_a_code_is_found_however_it_was_typed(client: Client, spelling: str) -> None:
    letter = make_letter()
    typed = {
        "grouped": letter.grouped_code,
        "lower with spaces": " ".join(letter.check_code),
        "misread": letter.check_code.replace("0", "O").replace("1", "l"),
    }[spelling]
    answer = client.get(reverse("letters:verify"), {"code": typed}, follow=True)
    assert answer.status_code == 200
    assert letter.number in answer.content.decode()


def test_what_can_be_no_code_is_said_at_the_field(client: Client) -> None:
    answer = client.get(reverse("letters:verify"), {"code": "LSL-2026-00001"})
    assert answer.status_code == 422
    assert "This is not a check code" in answer.content.decode()
    assert client.get(reverse("letters:verify")).status_code == 200


def test_an_unknown_code_says_clearly_that_the_letter_is_not_ours(client: Client) -> None:
    for code in (new_code(), "nonsense"):
        answer = client.get(reverse("letters:check", args=[code]))
        assert answer.status_code == 404
        assert "The office has issued no letter with this check code" in answer.content.decode()


def test_the_public_check_does_not_betray_letters_that_are_not_visible(client: Client) -> None:
    letter = printed(make_letter(make_user(), key="decision:1", held=True))
    unknown = client.get(reverse("letters:check", args=[new_code()]))

    def is_as_unknown() -> bool:
        answer = check(client, letter)
        return answer.status_code == 404 and len(answer.content) == len(unknown.content)

    assert is_as_unknown()
    release_letters(["decision:1"], visible_at=timezone.now() + timedelta(hours=1), by=None)
    assert is_as_unknown()
    Letter.objects.update(visible_at=timezone.now())
    assert check(client, letter).status_code == 200


def test_a_revoked_and_a_replaced_letter_say_so_plainly(client: Client) -> None:
    revoked, old, new = make_letter(), make_letter(), make_letter()
    revoke_letter(revoked, by=None, note="A secret reason")
    supersede_letter(old, new, by=None)
    page = check(client, revoked).content.decode()
    assert "has been revoked" in page
    assert "secret reason" not in page
    page = check(client, old).content.decode()
    assert "replaced by a newer one" in page
    assert new.number in page


def test_a_successor_that_is_not_visible_yet_is_not_named(client: Client) -> None:
    old, new = make_letter(), make_letter(visible_at=timezone.now() + timedelta(hours=1))
    supersede_letter(old, new, by=None)
    assert new.number not in check(client, old).content.decode()


def test_the_number_of_a_letter_opens_nothing(client: Client) -> None:
    assert client.get(reverse("letters:check", args=[make_letter().number])).status_code == 404


@pytest.mark.parametrize("state", ["valid", "superseded", "revoked"])
def test_the_check_asks_one_question(client: Client, state: str, django_assert_num_queries: Any) -> None:
    letter = make_letter()
    if state == "superseded":
        supersede_letter(letter, make_letter(), by=None)
    if state == "revoked":
        revoke_letter(letter, by=None, note="")
    with django_assert_num_queries(1):
        check(client, letter)


def changed_by_one_byte(pdf: bytes, at: int) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def ask(client: Client, digest: str) -> tuple[int, str]:
    answer = client.get(reverse("letters:verify"), {"digest": digest})
    return answer.status_code, answer.content.decode()


def test_a_file_is_known_by_its_digest(client: Client, django_assert_num_queries: Any) -> None:
    letter = printed(make_letter())
    with django_assert_num_queries(1):
        status, page = ask(client, letter.digest)
    assert status == 200
    for words in ("is valid", "Your file is unchanged", letter.number, "Example University"):
        assert words in page
    assert letter.check_code not in page
    assert letter.reference not in page


@pytest.mark.parametrize("spelling", ["{} *LSL-2026-00001.pdf", "SHA256 hash of letter.pdf:\n{}\nCertUtil: -hashfile command completed", "  {}  "])
def test_a_digest_is_read_as_the_commands_print_it(client: Client, spelling: str) -> None:
    letter = printed(make_letter())
    pairs = " ".join(letter.digest[at : at + 2] for at in range(0, 64, 2))
    for digest in (letter.digest, letter.digest.upper(), pairs):
        assert ask(client, spelling.format(digest) if digest != pairs else digest)[0] == 200


@pytest.mark.parametrize("digest", ["", "nonsense", "f" * 63, "f" * 65, "f" * 64 + " " + "e" * 64])
def test_what_can_be_no_digest_is_said_at_the_field(client: Client, digest: str) -> None:
    status, page = ask(client, digest)
    assert status == 422
    assert "SHA-256 digest" in page


def test_a_file_changed_by_one_byte_is_not_ours(client: Client) -> None:
    pdf = open_pdf(printed(make_letter()))
    for at in (0, 2000, len(pdf) // 2, len(pdf) - 1):
        status, page = ask(client, digest_of_file(changed_by_one_byte(pdf, at)))
        assert status == 404
        assert "was changed, or it never came from here" in page


def test_a_replaced_and_a_revoked_file_say_so_although_they_are_unchanged(client: Client) -> None:
    old, revoked, new = printed(make_letter()), printed(make_letter()), make_letter()
    supersede_letter(old, new, by=None)
    revoke_letter(revoked, by=None, note="A secret reason")
    page = ask(client, old.digest)[1]
    assert "replaced by a newer one" in page
    assert new.number in page
    page = ask(client, revoked.digest)[1]
    assert "has been revoked" in page
    assert "secret reason" not in page
    assert "is valid" not in page


def test_the_digest_of_a_letter_that_is_not_visible_says_nothing(client: Client) -> None:
    letter = printed(make_letter(make_user(), key="decision:1", held=True))
    unknown = ask(client, "f" * 64)[1]
    status, page = ask(client, letter.digest)
    assert status == 404
    assert len(page) == len(unknown)
    assert "issued no such file" in page
    release_letters(["decision:1"], visible_at=timezone.now() + timedelta(hours=1), by=None)
    assert ask(client, letter.digest)[0] == 404


def test_anyone_can_have_the_offices_certificate(client: Client, settings: Any) -> None:
    answer = client.get(reverse("letters:certificate"))
    assert answer.content == Path(settings.LETTER_SIGNING_CERTIFICATE).read_bytes()
    assert "PRIVATE" not in answer.content.decode()


def judged(file: Path, *options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_letter", str(file), *options, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_judges_a_file_by_its_digest(tmp_path: Path) -> None:
    letter = printed(make_letter(key="decision:1", held=True))
    file = tmp_path / "letter.pdf"
    file.write_bytes(open_pdf(letter))
    code, text = judged(file)
    assert (code, text.split(":")[0]) == (7, "HELD")
    release_letters(["decision:1"], visible_at=timezone.now(), by=None)
    code, text = judged(file)
    assert (code, text.split(":")[0]) == (0, "VALID")
    assert letter.number in text
    letter.refresh_from_db()
    supersede_letter(letter, make_letter(), by=None)
    code, text = judged(file)
    assert (code, text.split(":")[0]) == (5, "SUPERSEDED")


def test_the_command_says_that_a_revoked_letter_no_longer_holds(tmp_path: Path) -> None:
    letter = printed(make_letter())
    revoke_letter(letter, by=None, note="")
    (tmp_path / "letter.pdf").write_bytes(open_pdf(letter))
    code, text = judged(tmp_path / "letter.pdf")
    assert (code, text.split(":")[0]) == (6, "REVOKED")


def test_the_command_names_the_letter_of_which_a_file_is_a_changed_copy(tmp_path: Path) -> None:
    letter = printed(make_letter())
    pdf = open_pdf(letter)
    for content in (pdf + b"\n% changed", changed_by_one_byte(pdf, len(pdf) // 2)):
        (tmp_path / "letter.pdf").write_bytes(content)
        code, text = judged(tmp_path / "letter.pdf")
        assert (code, text.split(":")[0]) == (4, "CHANGED")
        assert f"calls itself letter {letter.number}" in text


def test_the_command_judges_by_the_signature_alone_when_it_is_offline(tmp_path: Path, django_assert_num_queries: Any, settings: Any) -> None:
    letter = printed(make_letter())
    revoke_letter(letter, by=None, note="")
    file, pem = tmp_path / "letter.pdf", settings.LETTER_SIGNING_CERTIFICATE
    pdf = open_pdf(letter)
    file.write_bytes(pdf)
    with django_assert_num_queries(0):
        code, text = judged(file, "--offline")
        assert (code, text.split(":")[0]) == (0, "SIGNED")
        assert "only the register knows" in text
        file.write_bytes(changed_by_one_byte(pdf, 2000))
        assert judged(file, "--offline")[1].startswith("CHANGED")
        settings.LETTER_SIGNING_CERTIFICATE = ""
        file.write_bytes(pdf)
        assert judged(file, "--offline", "--certificate", pem)[0] == 0
        with pytest.raises(CommandError, match="certificate is needed"):
            judged(file, "--offline")
        with pytest.raises(CommandError, match="holds no certificate"):
            judged(file, "--offline", "--certificate", str(file))


def test_a_file_signed_by_somebody_else_is_not_ours(tmp_path: Path) -> None:
    stranger = another_key(tmp_path)
    pdf = sign(PRESS.print("<title>LSL-2026-99999</title><p>Words"), stranger, at=timezone.now())
    (tmp_path / "letter.pdf").write_bytes(pdf)
    for options in ((), ("--offline",)):
        code, text = judged(tmp_path / "letter.pdf", *options)
        assert (code, text.split(":")[0]) == (3, "NOT OURS")
        assert "not by the office" in text


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nonsense", b"\x00" * 5000, "Łetter".encode()])
def test_the_command_takes_any_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "any").write_bytes(content)
    assert judged(tmp_path / "any")[0] == 3
    assert judged(tmp_path / "any", "--offline")[0] == 3


def test_the_command_says_when_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_letter", str(tmp_path / "none.pdf"))
