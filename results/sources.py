"""Sources as they were noted: addresses and remarks in one text. Only what begins with http:// or https:// becomes a link."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

ADDRESS = re.compile(r"https?://[^\s<>\"'；，。]+", re.IGNORECASE)
TRAILING = ".,;:!?)]}】》"
PAIRS = {")": "(", "]": "[", "}": "{"}


class SourcePart(NamedTuple):
    """A piece of a source: an address with the name of its site, or words."""

    text: str
    url: str = ""


def parts_of(source: str) -> list[SourcePart]:
    """The pieces in their order; separators between addresses are dropped."""
    parts: list[SourcePart] = []
    end = 0
    for found in ADDRESS.finditer(source):
        url = _trimmed(found.group())
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None
        if not host:
            continue
        parts += _words(source[end : found.start()])
        parts.append(SourcePart(host.removeprefix("www."), url))
        end = found.start() + len(url)
    return parts + _words(source[end:])


def _words(text: str) -> list[SourcePart]:
    text = text.strip().strip(";；,，").strip()
    return [SourcePart(text)] if text else []


def _trimmed(url: str) -> str:
    """Without the punctuation of the sentence around it; a bracket that the address itself opened stays."""
    while url[-1] in TRAILING and url.count(url[-1]) > url.count(PAIRS.get(url[-1], "\0")):
        url = url[:-1]
    return url
