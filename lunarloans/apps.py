"""The roof as an app: it brings the system checks."""

from django.apps import AppConfig

from lunarloans import checks


class LunarloansConfig(AppConfig):
    name = "lunarloans"

    def ready(self) -> None:
        checks.register_all()
