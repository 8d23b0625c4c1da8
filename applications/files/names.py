"""The name of an attached file as it is shown and as a reader's computer saves it: never a path, never a trick."""

import re
import unicodedata
from collections.abc import Iterable

from applications.files.limits import LONGEST_NAME

EXTENSION = ".pdf"
UNSAFE = re.compile(r'[<>:"|?*]+')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
# An inner extension that some program would run or open as a page: plan.html.pdf becomes plan_html.pdf.
TRICKS = re.compile(
    r"\.(?=(exe|com|bat|cmd|scr|pif|msi|js|jse|vbs|vbe|wsf|wsh|hta|lnk|ps1|sh|jar|app|dll|html?|xhtml|svg|xml|php\d?|aspx?|jsp|zip|docm|xlsm)(\.|$))",
    re.IGNORECASE,
)
NAMELESS = "document"


def is_pdf_name(name: str) -> bool:
    return _bare(name).lower().endswith(EXTENSION)


def cleaned_name(name: str, taken: Iterable[str] = ()) -> str:
    """A safe name that ends in .pdf and is not among those taken, in any language."""
    stem = _bare(name)
    if stem.lower().endswith(EXTENSION):
        stem = stem[: -len(EXTENSION)]
    stem = TRICKS.sub("_", UNSAFE.sub("_", stem)).strip(" ._") or NAMELESS
    if RESERVED.match(stem):
        stem = f"_{stem}"
    stem = _shortened(stem, LONGEST_NAME - len(EXTENSION))
    found, number, known = stem + EXTENSION, 2, {other.casefold() for other in taken}
    while found.casefold() in known:
        found = f"{_shortened(stem, LONGEST_NAME - len(EXTENSION) - 5)} ({number}){EXTENSION}"
        number += 1
    return found


def _bare(name: str) -> str:
    """The last part of a path, without what cannot be seen: control characters, changes of the reading direction, halves of characters."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode())
    visible = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C" or letter in "/\\")
    return " ".join(re.split(r"[/\\]", visible)[-1].split()).rstrip(" .")


def _shortened(stem: str, longest: int) -> str:
    """At most so many bytes, and so many characters as the column holds, never half a character."""
    return stem[:190].encode()[:longest].decode("utf-8", "ignore").rstrip(" .")
