"""What can stand in the way of an action of the committee. The texts may be shown."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from applications.models import Application, Request
from rounds.models import Criterion
from rounds.rules import Finding
from samples.models import Sample


class Conflicted(Exception):
    """The person has a tie to the applicant or a declared conflict. The text may be shown."""

    def __init__(self, person: User) -> None:
        super().__init__(_("%(name)s has a tie to this applicant or institution and cannot be assigned.") % {"name": person})


class NotImpartial(Exception):
    """Somebody of the office would judge a conflict of their own, or about an application with a tie. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("You cannot decide about this conflict: another officer has to."))


class NotDeclared(Exception):
    """A declaration that cannot be meant or is not the person's to make. The text may be shown."""

    def __init__(self, application: Application, text: str) -> None:
        self.application = application
        super().__init__(text % {"reference": application.reference})


class PinnedByOffice(NotDeclared):
    def __init__(self, application: Application) -> None:
        super().__init__(application, _("%(reference)s: the office has set this conflict, and only the office can take it back."))


class TieFound(NotDeclared):
    def __init__(self, application: Application) -> None:
        super().__init__(application, _("%(reference)s: a tie was found. Declare a conflict, or say why it is none."))


class WordsNeeded(NotDeclared):
    def __init__(self, application: Application) -> None:
        super().__init__(application, _("%(reference)s: write the reason."))


class NotAnExpert(Exception):
    def __init__(self, person: User) -> None:
        super().__init__(_("%(name)s is not an expert.") % {"name": person})


class Unscored(Exception):
    """A review cannot be filed while a criterion has no score; `missing` are those without one. The text may be shown."""

    def __init__(self, missing: Sequence[Criterion]) -> None:
        self.missing = list(missing)
        super().__init__(_("Give each criterion a score before you file the review."))


class StaleReview(Exception):
    """Another tab saved this review meanwhile. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("A newer text was saved in another window. Nothing was overwritten: copy what you need, then reload the page."))


class ReasonNeeded(Exception):
    """Something has to be said in words. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Write a few words first."))


class ReviewsClosed(Exception):
    """The application is not in review any more, as far as an expert may know. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The application is no longer in review, so its reviews are closed. Nothing was saved."))


class VoteImpossible(Exception):
    """The figures of a vote contradict each other. The text may be shown."""

    def __init__(self, request: Request, text: str) -> None:
        self.request = request
        super().__init__(text)


class NotCarried(Exception):
    """An award without the votes it needs. The text may be shown."""

    def __init__(self, request: Request) -> None:
        self.request, self.sample = request, request.sample
        super().__init__(
            _("%(number)s cannot be awarded: the vote does not reach the share that the round asks for.") % {"number": request.sample.number}
        )


class AwardImpossible(Exception):
    """An award does not fit what was asked for or how the application stands. The text may be shown."""

    def __init__(self, text: str, sample: Sample | None = None) -> None:
        self.sample = sample
        super().__init__(text)


class RulesBroken(Exception):
    """An award does not keep rules of the round, and no reason was given. The text may be shown in the office."""

    def __init__(self, findings: Sequence[Finding], sample: Sample | None = None) -> None:
        self.findings, self.sample = list(findings), sample
        told = [f"{finding.number}: {finding.sentence}" if finding.number else finding.sentence for finding in findings]
        super().__init__(
            _("The rules of this round do not allow it. %(findings)s Award less, or write why the rule is overruled.") % {"findings": " ".join(told)}
        )


class CountChanged(Exception):
    """Another number of decisions waits than the approver confirmed. The text may be shown."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            _("The number of decisions has changed to %(count)d. Look through the list again and confirm the new number.") % {"count": count}
        )


class NothingToAnnounce(Exception):
    def __init__(self) -> None:
        super().__init__(_("No decision waits for an announcement."))


class SetRefused(Exception):
    """Of several decisions one cannot be recorded, so none is. The text may be shown in the office."""

    def __init__(self, application: Application, cause: str) -> None:
        self.application = application
        super().__init__(
            _("Nothing was recorded: %(reference)s cannot be decided like this. %(cause)s") % {"reference": application.reference, "cause": cause}
        )


class SetNeedsReasons(Exception):
    """Of several decisions some do not keep rules of the round and no reason was given for one of them, so none is recorded.

    `findings` are all that the rules find, by application, those with a reason as well. The text may be shown in the office.
    """

    def __init__(self, findings: Mapping[Application, Sequence[Finding]]) -> None:
        self.findings = findings
        super().__init__(
            ngettext(
                "Nothing was recorded: the rules of this round do not allow %(count)d of these decisions. Write why the rule is overruled, or "
                "change the line.",
                "Nothing was recorded: the rules of this round do not allow %(count)d of these decisions. Write for each why the rule is "
                "overruled, or change the line.",
                len(findings),
            )
            % {"count": len(findings)}
        )


class AlreadyPlanned(Exception):
    """The decision stands in a confirmed announcement. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This decision stands in a confirmed announcement. The approver has to recall it first."))


class ApartNeeded(Exception):
    """Applications that different people of the office must not know of cannot stand in one hearing. The text may be shown to the inviter."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "These applications cannot be heard in one hearing: somebody of the office is shut out of one of them, and would learn of it by a "
                "gap between the times. Set a hearing of its own for it. Nobody was invited."
            )
        )


class HearingImpossible(Exception):
    """The dates of a hearing, or the order in it, cannot be as they were given. The text may be shown."""


class TooLate(Exception):
    """The date has passed by which this had to be done. The text may be shown."""


class NotInCommittee(Exception):
    """The person's seat in the committee has ended. The text may be shown."""

    def __init__(self, person: User) -> None:
        super().__init__(_("%(name)s no longer sits in the committee of this round.") % {"name": person})


class LoadReached(Exception):
    """The person would get more reviews than the seat allows. The text may be shown."""

    def __init__(self, person: User, most: int) -> None:
        super().__init__(_("%(name)s would have more than %(most)s reviews, the most that was agreed on.") % {"name": person, "most": most})


class SeatTaken(Exception):
    """The person has a seat already, or another person is the chair. The text may be shown."""


class TooManyInvited(Exception):
    """More than a third of the committee would be invited (charter of the expert committee). The text may be shown."""

    def __init__(self, invited: int, seats: int) -> None:
        text = _(
            "%(invited)s of %(seats)s people in the committee would be invited experts. At most one third may be, which is %(most)s: "
            "the charter of the expert committee says so."
        )
        super().__init__(text % {"invited": invited, "seats": seats, "most": seats // 3})


class ReviewsTakenBack(Exception):
    """Another number of reviews would be taken back than was confirmed. The text may be shown."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(_("The number of reviews that would be taken back has changed to %(count)s. Look again and confirm.") % {"count": count})


class PlanOutdated(Exception):
    """Seats, conflicts, reviews or cases have changed since the dry run, or it was applied. The text may be shown."""

    def __init__(self, text: str = "") -> None:
        super().__init__(
            text
            or _("Seats, conflicts, reviews or applications have changed since this dry run. Nothing was assigned: make a new one and look again.")
        )
