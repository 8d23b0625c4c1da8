"""An address that a mail may go to: exactly one, plain enough for every mail server on the way."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

LONGEST = 254
OF_A_LIST = re.compile(r"[,;，；、<>\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
PLAIN_NAME = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class BadAddress(Exception):
    """Not one address. The text may be shown."""


def one_address(text: str) -> str:
    """The one address that was typed, in small letters and with the domain as the mail servers write it. Raises BadAddress."""
    address = text.strip(" ").lower()
    if not address:
        raise BadAddress(_("Enter an e-mail address."))
    if OF_A_LIST.search(address) or address.count("@") > 1:
        raise BadAddress(_("Enter one e-mail address only, without a name, spaces, commas or line breaks."))
    name, _at, domain = address.rpartition("@")
    domain = in_ascii(domain)
    address = f"{name}@{domain}"
    if not PLAIN_NAME.fullmatch(name) or len(address) > LONGEST:
        raise BadAddress(_("This is not an e-mail address that every mail server takes. Check it, or use another one."))
    try:
        EmailValidator()(address)
    except ValidationError:
        raise BadAddress(_("This is not an e-mail address. It looks like name@university.org.")) from None
    return address


def in_ascii(domain: str) -> str:
    """The domain as mail servers write it: m\u00fcnchen.de as xn--mnchen-3ya.de. What cannot be written so stays and is refused later."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def is_same_address(one: str, other: str) -> bool:
    """Whether two spellings name the same mailbox, as far as anybody but its own server may say."""
    return _comparable(one) == _comparable(other)


def _comparable(address: str) -> str:
    name, _at, domain = address.strip().lower().rpartition("@")
    return f"{name}@{in_ascii(domain)}"
