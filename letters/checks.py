"""What must be on the machine so that letters can be printed, and printed fast."""

from collections.abc import Sequence
from ctypes.util import find_library
from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.utils import timezone

from letters.fonts import FACES
from letters.keys import KeyUnusable, OfficeKey, is_current, is_demonstration, office_certificates, office_key


def fonts_are_there(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(f"The font {face.path.name} is missing.", hint="Install requirements.txt again.", id="letters.E001")
        for face in FACES
        if not face.path.exists()
    ]


def subsetter_is_there(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Without these libraries nothing prints, or each letter takes ten times as long without a word of warning."""
    problems: list[checks.CheckMessage] = []
    if not find_library("pango-1.0") or not find_library("pangoft2-1.0"):
        hint = "Install the packages libpango-1.0-0 and libpangoft2-1.0-0; until then no letter is printed."
        problems.append(checks.Warning("The library that sets text is missing.", hint=hint, id="letters.W002"))
    if not find_library("harfbuzz-subset"):
        hint = "Install the package libharfbuzz-subset0; without it a letter takes more than a second."
        problems.append(checks.Warning("The library that cuts fonts is missing.", hint=hint, id="letters.W001"))
    return problems


MAKE_A_KEY = "See .env.example and docs/verification.md."
NOTICE = timedelta(days=60)  # so long before a certificate ends its office hears of it


def certificates_are_readable(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every process needs them, to say whose letters are ours; the key itself only whoever prints."""
    try:
        office_certificates()
    except KeyUnusable as problem:
        return [checks.Error(str(problem), hint=MAKE_A_KEY, id="letters.E003")]
    return []


def letters_are_signed(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Before a real server may serve: a key that fits its certificate, is no demonstration's, and will not end soon."""
    is_play = settings.DEBUG or settings.PORTAL_DEMO
    try:
        key = office_key()
    except KeyUnusable as problem:
        return [checks.Error(str(problem), hint=MAKE_A_KEY, id="letters.E004")]
    if key is None:
        missing = checks.Warning if is_play else checks.Error
        return [missing("Letters are not signed: LETTER_SIGNING_KEY is not set.", hint=MAKE_A_KEY, id="letters.E005")]
    found = _about_its_time(key)
    if is_demonstration(key.certificate) and not is_play:
        text = "Letters would be signed with the key of a demonstration, which says that it is no office's."
        found.append(checks.Error(text, hint=MAKE_A_KEY, id="letters.E007"))
    return found


def _about_its_time(key: OfficeKey) -> list[checks.CheckMessage]:
    now, ends = timezone.now(), key.certificate.not_valid_after_utc
    if not is_current(key.certificate, now):
        begins = key.certificate.not_valid_before_utc
        text = f"The certificate of the office's key holds from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}, not today."
        return [checks.Error(text, hint=MAKE_A_KEY, id="letters.E006")]
    if ends - now < NOTICE:
        text = f"The certificate of the office's key ends on {ends:%Y-%m-%d}."
        return [checks.Warning(text, hint="Renew it, and keep the old one in LETTER_EARLIER_CERTIFICATES.", id="letters.W008")]
    return []
