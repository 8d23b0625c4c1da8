"""Why a file is refused: a name for each reason, and the sentence that the person who attached it reads."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.files.limits import LARGEST_FILE, LARGEST_TOTAL, MB, MOST_FILES, MOST_PAGES, UPLOADS_A_DAY

SENTENCES: dict[str, Promise] = {
    "type": _("This is not a PDF. Only PDF files can be attached: save or print it as PDF and attach that."),
    "extension": _("The name of this file does not end in .pdf. Only PDF files can be attached."),
    "extra": _("This file is a PDF and something else at once (%(detail)s). Print it as PDF again and attach that."),
    "empty": _("This file is empty (0 bytes)."),
    "size": _("This file has %(detail)s MB; at most %(file)s MB are possible. Reduce the size of its pictures, or split it."),
    "damaged": _("This file is damaged or not complete. Open it on your computer, save it as a new PDF and attach that."),
    "password": _("This file is protected by a password or against copying. Remove the protection and attach it again."),
    "pages": _("This file has %(detail)s pages; at most %(pages)s are possible. Split it, or leave out what is not needed."),
    "box": _("A page of this file is larger than five metres. Print it as PDF again at a normal size."),
    "pixels": _("A picture in this file is too large (%(detail)s pixels). Reduce its resolution and attach the file again."),
    "expands": _("This file would become far too large when it is opened. Print it as PDF again and attach that."),
    "complex": _("This file is too complicated to be checked. Print it as PDF again and attach that."),
    "javascript": _("This file contains a script (JavaScript). Print it as PDF again, so that the script is gone, and attach that."),
    "launch": _("This file wants to start a program. Print it as PDF again and attach that."),
    "submit": _("This file contains a form that sends or loads data. Print it as PDF again and attach that."),
    "embedded": _("This file has other files inside. Remove them and attach each as a PDF of its own."),
    "external": _("This file needs another file or address to be shown (%(detail)s). Print it as PDF again and attach that."),
    "xfa": _("This file is a form of the kind XFA, which many programs cannot show. Print it as PDF and attach that."),
    "media": _("This file contains sound, film or 3D. Print it as PDF again and attach that."),
    "opening": _("This file does something by itself when it is opened (%(detail)s). Print it as PDF again and attach that."),
    "code": _("This file contains program code (%(detail)s). Print it as PDF again and attach that."),
    "count": _("Only %(files)s files can be attached. Remove one first, or put several into one PDF."),
    "total": _("All files together may have at most %(total)s MB; with this one it would be %(detail)s MB."),
    "twice": _("This very file is attached already, as “%(detail)s”."),
    "quota": _("You have attached %(uploads)s files within a day. Try again tomorrow, or write to the office."),
    "virus": _("The virus check found something in this file (%(detail)s). Remove it, and check your computer."),
}
NUMBERS = {"file": LARGEST_FILE // MB, "total": LARGEST_TOTAL // MB, "pages": MOST_PAGES, "files": MOST_FILES, "uploads": UPLOADS_A_DAY}


def sentence(fault: str, detail: str = "") -> str:
    """What is wrong with the file and what to do, in the reader's language."""
    return str(SENTENCES[fault]) % {"detail": detail, **NUMBERS}


class FileRefused(Exception):
    """The file cannot be attached. The text may be shown and names the reason; nothing was kept."""

    def __init__(self, fault: str, detail: str = "") -> None:
        self.fault, self.detail = fault, detail
        super().__init__(sentence(fault, detail))


class NotStored(Exception):
    """The file could not be written: the disk is full or away. The text may be shown; nothing was kept."""

    def __init__(self) -> None:
        super().__init__(str(_("The file could not be saved: the portal has no room for it at the moment. All your answers are still there.")))


class FileDamaged(Exception):
    """The stored file is gone or no longer the one that was checked. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(str(_("This file cannot be opened at the moment. The office has been told.")))
