"""Whether a public page has changed since a reader last saw it: its tag is made from what it shows and from nothing else."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language


def page_tag(*shown: object) -> str:
    """The ETag of a page that shows these values in the reader's language. A figure that is not on the page may not be among them:
    a tag that changes while the page does not would tell everybody that something has happened."""
    content = repr((_build(), get_language(), shown))
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


@cache
def _build() -> str:
    """This installation of the portal: after an update every page counts as new."""
    base = Path(settings.BASE_DIR)
    suffixes = {".py", ".html", ".mo", ".css", ".js", ".svg"}
    folders = [
        folder for folder in sorted(base.iterdir()) if folder.is_dir() and folder.name not in {"var", "docs"} and not folder.name.startswith(".")
    ]
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in suffixes)
    facts = ((str(file.relative_to(base)), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    return hashlib.sha256(repr(list(facts)).encode()).hexdigest()
