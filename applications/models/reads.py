"""What an applicant may choose from, and the version that is being written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from applications.models.application import Application
from applications.models.version import Version
from institutions.models import Institution, InstitutionQuerySet
from rounds.models import Round, RoundSample
from samples.models import Sample
from samples.models.catalogue import SampleQuerySet

LONGEST_KEY = 18  # digits of a row's key


def draft_version(application: Application) -> Version | None:
    """The version that is being written, if any."""
    draft: Version | None = Version.objects.drafts().with_answers().filter(application=application).first()
    if draft is not None:
        draft.application = application
    return draft


def choosable_institutions(user: User) -> InstitutionQuerySet:
    """What an applicant may choose from, as a list shows it."""
    return Institution.objects.choosable_by(user).select_related("country").order_by("name_en", "pk")


def choosable_institution(user: User, key: str) -> Institution | None:
    """One of them by the key that a form sent."""
    return choosable_institutions(user).filter(pk=key).first() if key.isdecimal() and len(key) < LONGEST_KEY else None


def offered_samples(round: Round) -> SampleQuerySet:
    """What an application to this round may ask for, in order of number."""
    return Sample.objects.filter(offers__round=round).for_list()


@dataclass(frozen=True)
class AskedSamples:
    """The samples that an application names, and the keys of those that its round offers. A number that does not exist is not in it."""

    by_number: Mapping[str, Sample]
    offered: frozenset[int]


def asked_samples(round: Round, numbers: Iterable[str]) -> AskedSamples:
    """What the lines of an application are about; in one query."""
    is_offered = Exists(RoundSample.objects.filter(round=round, sample=OuterRef("pk")))
    rows = {row: row.__dict__["is_offered"] for row in Sample.objects.filter(number__in=list(numbers)).annotate(is_offered=is_offered)}
    return AskedSamples({row.number: row for row in rows}, frozenset(row.pk for row, is_offered in rows.items() if is_offered))
