"""What must be on the machine so that letters can be printed, and printed fast."""

from collections.abc import Sequence
from ctypes.util import find_library
from typing import Any

from django.apps import AppConfig
from django.core import checks

from letters.fonts import FACES


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
