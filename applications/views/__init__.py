"""The applicant's pages: reading what is there, writing it, handing it in and taking it back."""

from applications.views.endorsing import ask_endorsement, endorse
from applications.views.files import attach, attachment, detach
from applications.views.following import answer, answers_pdf, changes, copy, questions
from applications.views.handing_in import check, submit, withdraw
from applications.views.reading import application, listing, receipt
from applications.views.team import hand_over, invitation, member, team
from applications.views.writing import earlier, edit, new, restore

__all__ = [
    "answer",
    "answers_pdf",
    "application",
    "ask_endorsement",
    "attach",
    "attachment",
    "changes",
    "check",
    "copy",
    "detach",
    "earlier",
    "edit",
    "endorse",
    "hand_over",
    "invitation",
    "listing",
    "member",
    "new",
    "questions",
    "receipt",
    "restore",
    "submit",
    "team",
    "withdraw",
]
