"""The team and the endorsement as each reader may know them: who takes part, what is signed, and what the reader can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import User
from applications import permissions
from applications.guide import NextStep, Section, next_in_short, next_step
from applications.models import Application, Endorsement, HandOver, Member, Part, TeamMail, Version


@dataclass(frozen=True)
class Place:
    """One line of the team: somebody who takes part, or an invitation. Only the applicant sees whole addresses of others."""

    member: Member
    name: str
    address: str
    state: str
    tone: str
    is_self: bool

    @property
    def part(self) -> str:
        return str(self.member.get_part_display())

    @property
    def is_invitation(self) -> bool:
        return not self.member.takes_part


def _place(member: Member, user: User, *, shows_addresses: bool) -> Place:
    is_self = member.user_id == user.pk
    address = member.email if shows_addresses or is_self else member.masked_email
    if member.takes_part:
        return Place(member, str(member.user), address if shows_addresses or is_self else "", _("Takes part"), "good", is_self)
    state, tone = (_("Invited, no answer yet"), "warn") if member.is_waiting else (_("Invitation has lapsed"), "bad")
    return Place(member, address, "", state, tone, is_self)


class EndorsementState:
    """Whether the institution has said yes to what the version says, and who did."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.version: Version | None = application.draft if application.draft and application.is_editable() else application.current

    @property
    def is_needed(self) -> bool:
        return self.application.round.needs_endorsement

    @cached_property
    def digest(self) -> str:
        """Of the answers as they stand."""
        if self.version is None:
            return ""
        self.version.application = self.application
        return self.version.digest or self.version.expected_digest()

    @cached_property
    def standing(self) -> list[Endorsement]:
        """The endorsements of exactly these answers."""
        return [row for row in self.version.endorsements.all() if row.digest == self.digest] if self.version else []

    @cached_property
    def void(self) -> Endorsement | None:
        """The last endorsement, when the answers were changed after it."""
        if self.standing:
            return None
        versions = [version for version in (self.application.current, self.version) if version is not None]
        rows = sorted((row for version in versions for row in version.endorsements.all()), key=lambda row: row.at)
        return rows[-1] if rows else None

    def asked_at(self) -> datetime | None:
        """When the signatory was last asked to endorse exactly these answers."""
        row = TeamMail.objects.of_application(self.application).filter(digest=self.digest).last() if self.digest else None
        return row.at if row else None

    @property
    def can_change(self) -> bool:
        """Whether a version is being written that can still be endorsed."""
        return self.version is not None and self.version.submitted_at is None


class Team:
    """All that a page says about the team of an application to one reader."""

    def __init__(self, user: User, application: Application) -> None:
        self.user, self.application = user, application
        self.may_invite = permissions.may_invite(user, application) and application.takes_members
        self.may_hand_over = permissions.may_hand_over(user, application) and application.is_handed_on
        self.may_endorse = permissions.may_endorse(user, application)
        self.endorsement = EndorsementState(application)
        self.may_ask = permissions.may_edit(user, application) and self.endorsement.can_change and bool(self.signatories)

    @cached_property
    def _asked(self) -> list[Member]:
        return [member for member in self.application.members.all() if member.ended_at is None]

    @cached_property
    def places(self) -> list[Place]:
        shows = permissions.may_invite(self.user, self.application)
        return [_place(member, self.user, shows_addresses=shows) for member in self._asked]

    @property
    def signatories(self) -> list[Member]:
        return [member for member in self._asked if member.takes_part and member.part == Part.SIGN]

    @property
    def is_signatory_invited(self) -> bool:
        return any(member.part == Part.SIGN and member.is_waiting for member in self._asked)

    @property
    def followers(self) -> list[Member]:
        """Those who could become the applicant."""
        return [member for member in self._asked if member.takes_part and member.part != Part.SIGN and member.user and member.user.is_active]

    @property
    def wants_endorsement(self) -> bool:
        """Whether the next step of the team is to ask the signatory."""
        return self.may_ask and self.endorsement.is_needed and not self.endorsement.standing

    @property
    def shows_endorsement(self) -> bool:
        """Where the round does not ask for it, only if somebody signs all the same."""
        return self.endorsement.is_needed or bool(self.signatories) or bool(self.endorsement.standing)

    @cached_property
    def hand_over(self) -> HandOver | None:
        """The hand-over that waits for answers, if any; read with for_applicant()."""
        return next((row for row in self.application.hand_overs.all() if row.answered_at is None), None)

    @property
    def waits_for_me(self) -> bool:
        """Whether this reader is asked to agree to a hand-over or to consent to it."""
        row = self.hand_over
        if row is None:
            return False
        if row.accepted_at is None and permissions.may_take_over(self.user, row, self.application):
            return True
        return row.consented_at is None and permissions.may_consent(self.user, row, self.application)

    @property
    def sees_hand_over(self) -> bool:
        return self.may_hand_over or self.waits_for_me


def team_panel(user: User, application: Application) -> dict[str, Any]:
    """For every page that shows the panel, and for what the reader may do beside it."""
    return {
        "team": Team(user, application),
        "may_edit": permissions.may_edit(user, application),
        "may_withdraw": permissions.may_withdraw(user, application) and application.is_withdrawable,
        "may_read": permissions.may_read(user, application),
    }


def next_for(user: User, application: Application, sections: Sequence[Section]) -> NextStep:
    """What this reader does next: the applicant and those who write as the form says; the signatory endorses; the others read."""
    if permissions.may_edit(user, application):
        return next_step(application, sections)
    if permissions.may_endorse(user, application):
        state = EndorsementState(application)
        url = reverse("applications:endorse", args=[application.reference])
        if state.can_change and any(row.by_id == user.pk for row in state.standing):
            return NextStep(_("You have endorsed the application as it stands. If something is changed, the applicant will ask you again."))
        if state.can_change:
            return NextStep(_("You sign for the institution. Read what is to be endorsed; the button stands at the end."), url, _("Read and endorse"))
        return NextStep(_("Nothing waits for your endorsement."))
    return NextStep(_("You may read this application. The applicant and those who write with them go on with it."))


def next_for_row(application: Application) -> str:
    """The next step in the list in a few words; read with with_part_of()."""
    if application.own_part == Part.READ:
        return ""
    if application.own_part == Part.SIGN:
        return _("Read and endorse") if application.is_editable() and application.draft else ""
    return next_in_short(application)
