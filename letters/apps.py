"""The app of the letters; its system checks are registered when Django is ready."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from letters.checks import certificates_are_readable, fonts_are_there, letters_are_signed, subsetter_is_there


class LettersConfig(AppConfig):
    name = "letters"
    verbose_name = _("Letters")

    def ready(self) -> None:
        register(fonts_are_there, Tags.files)
        register(subsetter_is_there, Tags.files)
        register(certificates_are_readable, Tags.files)
        register(letters_are_signed, Tags.security, deploy=True)
