"""The applicant's pages: reading what is there, writing it, handing it in and taking it back."""

from applications.views.handing_in import check, submit, withdraw
from applications.views.reading import application, listing, receipt
from applications.views.writing import edit, new

__all__ = ["application", "check", "edit", "listing", "new", "receipt", "submit", "withdraw"]
