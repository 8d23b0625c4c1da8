"""Exactly one address, and a mail to somebody who may have no account (quality: S-33, S-35)."""

import pytest

from letters.actions import write_mail_to_address
from letters.addresses import BadAddress, is_same_address, one_address
from letters.models import Mail
from letters.post import send_mail
from letters.words import Pair

BAD = (
    "",
    "   ",
    "nobody",
    "a@b",
    "a@example.org, b@example.org",
    "a@example.org;b@example.org",
    "a@example.org b@example.org",
    "a@example.org\r\nBcc: b@example.org",
    "a@example.org\nb@example.org",
    "a@example.org\u2028b@example.org",
    "a@example.org\x00",
    "Anna <a@example.org>",
    '"a b"@example.org',
    '"a,b"@example.org',
    '"a"@example.org',
    "a@b@example.org",
    "用户@example.org",
    "a@-example.org",
    "a@example..org",
    ".a@example.org",
    "a" * 250 + "@example.org",
    "a\u202e@example.org",
)


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_one_plain_address_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        one_address(text)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  Anna.Li@Example.ORG ", "anna.li@example.org"),
        ("o'brien+moon@uni.example.org", "o'brien+moon@uni.example.org"),
        ("li@bücher.example", "li@xn--bcher-kva.example"),
        ("li@中国.example", "li@xn--fiqs8s.example"),
    ],
)
def test_one_address_is_written_as_mail_servers_write_it(typed: str, meant: str) -> None:
    assert one_address(typed) == meant


def test_two_spellings_of_one_mailbox_are_the_same() -> None:
    assert is_same_address("Li@bücher.example", "li@XN--BCHER-KVA.example")
    assert not is_same_address("li@bücher.example", "li@bucher.example")


WORDS = (Pair("Subject", "主题"), Pair("Words", "正文"))


@pytest.mark.django_db
def test_without_a_language_a_mail_says_everything_in_both() -> None:
    mail = write_mail_to_address(key="k", address="new@example.org", reference="LSA-2026-00001", subject=WORDS[0], text=WORDS[1])
    assert (mail.recipient, mail.user, mail.subject) == ("new@example.org", None, "LSA-2026-00001: Subject · 主题")
    assert mail.body.index("Words") < mail.body.index("正文")


@pytest.mark.django_db
def test_with_a_language_a_mail_speaks_that_one_and_goes_out_once(mailoutbox: list[object]) -> None:
    fields = {"key": "k", "address": "new@example.org", "language": "zh-hans", "reference": "LSA-2026-00001"}
    mail = write_mail_to_address(subject=WORDS[0], text=WORDS[1], **fields)
    assert write_mail_to_address(subject=WORDS[0], text=WORDS[1], **fields).pk == mail.pk
    assert Mail.objects.count() == 1
    assert mail.subject == "LSA-2026-00001：主题"
    assert "Words" not in mail.body
    assert send_mail(mail.pk)
    (sent,) = mailoutbox
    assert sent.to == ["new@example.org"]  # type: ignore[attr-defined]
    assert sent.recipients() == ["new@example.org"]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_nothing_is_written_to_a_list_of_addresses() -> None:
    with pytest.raises(BadAddress):
        write_mail_to_address(key="k", address="a@example.org,b@example.org", reference="x", subject=WORDS[0], text=WORDS[1])
    assert not Mail.objects.exists()
