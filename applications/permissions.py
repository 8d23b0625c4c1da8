"""Who may do what with an application."""

from accounts.models import User
from applications.models import Application
from institutions.permissions import is_tied


def may_edit(user: User, application: Application) -> bool:
    return application.owner_id == user.pk


may_submit = may_edit
may_withdraw = may_edit


def has_tie(user: User, application: Application) -> bool:
    """Whether the person is the applicant or belongs to the applicant's institution: then no office and no review."""
    return application.owner_id == user.pk or (application.institution is not None and is_tied(user, application.institution))
