"""What is collected for pages to load: under names that carry their digest, and packed."""

from typing import Any

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(StaticFilesConfig):
    """The flags of django_countries are never shown; collecting them took most of the portal's first start."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "flags"]  # noqa: RUF012 (Django declares it for the instance)


class PackedFiles(CompressedManifestStaticFilesStorage):
    """Packed with gzip alone: brotli saves another tenth and took twenty seconds of every first start."""

    keep_only_hashed_files = True

    def create_compressor(self, **options: Any) -> Compressor:
        return Compressor(**options, use_brotli=False)
