"""The institution's endorsement: asked for by the applicant's side, given by the signatory to exactly the answers that were shown."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import team_words
from applications.actions.situations import too_late_or_moved
from applications.actions.team import TooManyMails, count_mail
from applications.models import Application, Endorsement, Member, TeamMail, Version, draft_version
from institutions.models import Institution
from letters.actions import write_mail
from letters.words import Pair
from workflow.transitions import NotPossibleNow


class NoSignatory(Exception):
    """Nobody can be asked. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Nobody who signs for the institution has accepted an invitation yet."))


class NoInstitution(Exception):
    """There is nothing to endorse for. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The application names no institution yet, so it cannot be endorsed."))


class AnswersChanged(Exception):
    """The answers are not those that the signatory was shown. The text may be shown; nothing was endorsed."""

    def __init__(self) -> None:
        super().__init__(_("The answers were changed after you opened this page. Nothing was endorsed. Read what they say now."))


@transaction.atomic
def ask_for_endorsement(application: Application, *, by: User) -> int:
    """A mail to everybody who signs, once a day unless the answers have changed; how many. Raises NoSignatory, NoInstitution,
    TooManyMails, RoundClosed or NotPossibleNow."""
    version = _draft(application)
    signatories = list(Member.objects.signing().filter(application=application).select_related("user"))
    if not signatories:
        raise NoSignatory
    digest, asked = version.expected_digest(), 0
    refusal: TooManyMails | None = None
    for member in signatories:
        try:
            sent = count_mail(member, TeamMail.What.ENDORSEMENT, by=by, digest=digest)
        except TooManyMails as problem:  # another one may not have been asked yet
            refusal = problem
            continue
        subject, text = team_words.wish_for_endorsement(application)
        _tell(f"endorse:{sent.pk}", member.user, application, subject, text)
        asked += 1
    if refusal is not None and not asked:
        raise refusal
    return asked


@transaction.atomic
def endorse_application(application: Application, *, by: User, seen_digest: str, position: str) -> Endorsement:
    """The institution's yes to exactly the answers that were shown; a second press of the button returns the first endorsement.

    What is saved in the same second has another digest, so the endorsement does not hold for it. Raises AnswersChanged, NoInstitution,
    RoundClosed or NotPossibleNow.
    """
    version = _draft(application)
    assert version.institution is not None
    digest = version.expected_digest()
    if seen_digest != digest:
        raise AnswersChanged
    is_known = Institution.objects.signed_by(by).filter(pk=version.institution.survivor.pk).exists()
    endorsement = Endorsement(
        version=version, institution=version.institution, digest=digest, by=by, position=position, is_known=is_known, at=timezone.now()
    )
    try:
        with transaction.atomic():
            endorsement.save(force_insert=True)
    except IntegrityError:
        return Endorsement.objects.get(version=version, digest=digest, by=by)
    subject, text = team_words.endorsed(endorsement, application)
    _tell(f"endorsed:{endorsement.pk}", application.owner, application, subject, text)
    return endorsement


def _draft(application: Application) -> Version:
    """What is to be endorsed: the version being written, for an institution, while it can still be handed in."""
    fresh = Application.objects.select_related("round").get(pk=application.pk)
    version = draft_version(fresh)
    if version is None or not fresh.is_editable():
        raise NotPossibleNow(_("There is nothing to endorse: no version is being written.")) if fresh.is_editable() else too_late_or_moved(fresh)
    if version.institution is None:
        raise NoInstitution
    return version


def _tell(key: str, person: User | None, application: Application, subject: Pair, text: Pair) -> None:
    if person is None or not person.is_active:
        return
    language = person.language
    write_mail(key=key, to=person, reference=application.reference, subject=subject.in_language(language), text=text.in_language(language))
