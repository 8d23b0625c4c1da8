"""The app of the applications; its system checks are registered when Django is ready."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from applications.checks import scanner_is_set


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = _("Applications")

    def ready(self) -> None:
        register(scanner_is_set, Tags.security, deploy=True)
