"""A name in a mail is somebody else's text (quality: S-30, S-33, S-35)."""

import pytest

from accounts.names import name_in_mail


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Anne-Marie O’Connor", "Anne-Marie O’Connor"),
        ("J. R. Smith (jr.)", "J. R. Smith (jr.)"),
        ("J.R.Smith", "J. R. Smith"),
        ("寺田健太郎", "寺田健太郎"),
        ("Gabriel·García", "Gabriel·García"),
        ("Visit https://evil.example/now", "Visit https evil. example now"),
        ("www.evil.com", "www. evil. com"),
        ("mail me@evil.com", "mail me evil. com"),
        ("<img src=x onerror=alert(1)>", "img src x onerror alert(1)"),
        ("[click](https://evil.example)", "click (https evil. example)"),
        ("{{7*7}}", "7 7"),
        ("Anna\r\nBcc: all@example.org", "Anna Bcc all example. org"),
        ("Anna\u2028Li", "Anna Li"),
        ("\u202eannA", "annA"),
    ],
)
def test_a_name_in_a_mail_is_plain_and_holds_no_link(name: str, shown: str) -> None:
    assert name_in_mail(name) == shown


def test_a_name_in_a_mail_is_cut() -> None:
    assert len(name_in_mail("Buy cheap moon rocks today " * 50)) <= 80
