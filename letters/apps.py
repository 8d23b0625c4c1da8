"""The app of the letters; when Django is ready, its system checks are registered, and who writes which letters again."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from letters.checks import certificates_are_readable, fonts_are_there, letters_are_signed, subsetter_is_there


class LettersConfig(AppConfig):
    name = "letters"
    verbose_name = _("Letters")

    def ready(self) -> None:
        autodiscover_modules("letters_again")  # each app says there how its letters are written again
        register(fonts_are_there, Tags.files)
        register(subsetter_is_there, Tags.files)
        register(certificates_are_readable, Tags.files)
        register(letters_are_signed, Tags.security, deploy=True)
