"""The team of an application: invited by mail, accepted or declined, ended. Who endorses and who takes over stands beside this file."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import team_words
from applications.models import MAILS_A_DAY, MOST_WAITING, RENEWALS_A_DAY, Application, HandOver, Member, Part, TeamMail
from letters.actions import write_mail_to_address
from letters.addresses import one_address
from workflow.transitions import NotPossibleNow

ATTEMPTS = 25  # to get a running number while other windows of the same person take theirs


class AlreadyInvited(Exception):
    """The address was invited before. The text may be shown to the applicant."""

    def __init__(self, member: Member) -> None:
        self.member = member
        if member.takes_part:
            super().__init__(_("%(address)s takes part already.") % {"address": member.email})
        else:
            text = _("%(address)s is invited already. If the mail did not arrive, send the invitation again from the list.")
            super().__init__(text % {"address": member.email})


class OwnAddress(Exception):
    """The applicant needs no invitation. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This is your own address. You are the applicant, so you need no invitation."))


class TooManyMails(Exception):
    """The limit of a day, or of open invitations, is reached. The text may be shown."""


class AlreadyInTeam(Exception):
    """The person takes part under another address, or is the applicant. The text may be shown to this person."""

    def __init__(self) -> None:
        super().__init__(_("You take part in this application already, so there is nothing to accept."))


class InvitationOver(NotPossibleNow):
    """Withdrawn, answered, or too old. The text may be shown to whoever holds the link."""

    def __init__(self) -> None:
        super().__init__(_("This invitation can no longer be answered. This page says why."))


@transaction.atomic
def invite_member(application: Application, *, by: User, email: str, part: Part) -> Member:
    """One invitation by mail to one address, whether or not somebody has an account with it: nothing here tells.

    An invitation that has become too old is sent anew. Raises BadAddress, OwnAddress, AlreadyInvited, TooManyMails, or NotPossibleNow
    when the application is closed.
    """
    email = one_address(email)
    if email == by.email.lower():
        raise OwnAddress
    _refuse_if_closed(application)
    found = Member.objects.asked().filter(application=application, email=email).first()
    if found is not None and found.is_expired:
        Member.objects.filter(pk=found.pk, accepted_at=None, ended_at=None).update(part=part)
        found.part = part
        return renew_invitation(found, by=by)
    try:
        with transaction.atomic():
            member: Member = Member.objects.create(application=application, email=email, part=part, invited_by=by)
    except IntegrityError:
        raise AlreadyInvited(Member.objects.asked().get(application=application, email=email)) from None
    _send_invitation(member, by=by)
    if Member.objects.waiting().filter(application=application).count() > MOST_WAITING:
        raise TooManyMails(_("%(limit)d invitations of this application wait for an answer. Withdraw one first.") % {"limit": MOST_WAITING})
    return member


@transaction.atomic
def renew_invitation(member: Member, *, by: User) -> Member:
    """The same link once more, valid for thirty days from now. Raises TooManyMails, or NotPossibleNow when it was answered meanwhile."""
    _refuse_if_closed(member.application)
    today = timezone.localdate()
    if TeamMail.objects.filter(member=member, what=TeamMail.What.INVITATION, on=today).count() > RENEWALS_A_DAY:
        text = _("This invitation was sent %(limit)d times again today. Send it again tomorrow, or ask the person to look among unwanted mail.")
        raise TooManyMails(text % {"limit": RENEWALS_A_DAY})
    now = timezone.now()
    if not Member.objects.filter(pk=member.pk, accepted_at=None, ended_at=None).update(invited_at=now, invited_by=by):
        raise NotPossibleNow
    member.invited_at, member.invited_by = now, by
    _send_invitation(member, by=by)
    return member


def _refuse_if_closed(application: Application) -> None:
    if not application.takes_members:
        raise NotPossibleNow(_("The application is closed, so nobody can be invited to it any more."))


def _send_invitation(member: Member, *, by: User) -> None:
    sent = count_mail(member, TeamMail.What.INVITATION, by=by)
    subject, text = team_words.invitation(member)
    known = User.objects.at_address(member.email)
    write_mail_to_address(
        key=f"invitation:{sent.pk}",
        address=member.email,
        language=known.language if known else "",
        reference=member.application.reference,
        subject=subject,
        text=text,
    )


def count_mail(member: Member, what: TeamMail.What, *, by: User, digest: str = "") -> TeamMail:
    """Take the person's next running number of the day. The database refuses a number twice, so any number of windows stay within the limit."""
    today = timezone.localdate()
    for _attempt in range(ATTEMPTS):
        number = TeamMail.objects.filter(by=by, what=what, on=today).count() + 1
        if number > MAILS_A_DAY:
            raise TooManyMails(_("You have had %(limit)d mails of this kind sent today. Send the next one tomorrow.") % {"limit": MAILS_A_DAY})
        row = TeamMail(member=member, what=what, by=by, on=today, number=number, digest=digest)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if digest and TeamMail.objects.filter(member=member, on=today, digest=digest).exists():
                raise TooManyMails(_("The signatory was asked today to endorse these answers. Ask again tomorrow, or after a change.")) from None
            continue
        return row
    raise NotPossibleNow


@transaction.atomic
def accept_invitation(member: Member, *, by: User) -> None:
    """Take part. Whose address it is was asked before. Of two who accept at once one does. Raises InvitationOver or AlreadyInTeam."""
    if member.application.owner_id == by.pk:
        raise AlreadyInTeam
    if not member.application.takes_members:
        raise InvitationOver
    now = timezone.now()
    try:
        with transaction.atomic():
            is_accepted = Member.objects.waiting().filter(pk=member.pk).update(accepted_at=now, user=by)
    except IntegrityError:
        raise AlreadyInTeam from None
    if not is_accepted:
        raise InvitationOver
    member.accepted_at, member.user = now, by


@transaction.atomic
def decline_invitation(member: Member) -> None:
    """A no leaves no tie: the row does not name the person. Raises InvitationOver."""
    if not Member.objects.waiting().filter(pk=member.pk).update(ended_at=timezone.now(), has_declined=True):
        raise InvitationOver


@transaction.atomic
def end_member(member: Member) -> None:
    """Withdraw an invitation, remove a member, or leave: the row stays, and with it the tie. A hand-over to this person is over as well."""
    now = timezone.now()
    if not Member.objects.asked().filter(pk=member.pk).update(ended_at=now):
        raise NotPossibleNow
    if member.user_id is not None:
        HandOver.objects.open().filter(application=member.application_id, to=member.user_id).update(answered_at=now)
