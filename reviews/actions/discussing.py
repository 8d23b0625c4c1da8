"""Experts, chair and office discuss an application after the experts have filed."""

from django.db import transaction

from accounts.models import User
from applications.models import Application
from reviews.actions.situations import ReasonNeeded, ReviewsClosed
from reviews.models import Remark


@transaction.atomic
def add_remark(application: Application, *, by: User, text: str) -> Remark:
    """Say something about the application to everybody who may discuss it. It stands for good. Who may is asked in the view."""
    if not application.is_shown_in_review:  # as an expert may know: a decision that is not visible yet must not tell
        raise ReviewsClosed
    if not text.strip():
        raise ReasonNeeded
    remark = Remark(application=application, by=by, text=text)
    remark.save(force_insert=True)
    return remark
