"""Officer and chair put an application on the shortlist or take it off."""

from django.db import transaction
from django.db.models import F

from accounts.models import User
from applications.models import Application
from reviews.models import Shortlisted
from workflow.transitions import NotPossibleNow


@transaction.atomic
def shortlist_application(application: Application, *, by: User) -> None:
    """A second time changes nothing: the first name stays."""
    # Changes nothing but waits for a withdrawal on its way; what follows sees it.
    if not Application.objects.reviewed().filter(pk=application.pk).update(version=F("version")):
        raise NotPossibleNow
    Shortlisted.objects.get_or_create(application=application, defaults={"by": by})


@transaction.atomic
def unlist_application(application: Application, *, by: User) -> None:
    """Take it off, whoever put it there; when it is not there, nothing happens."""
    Shortlisted.objects.filter(application=application).delete()
