"""The mails about the time to sign, each in the language of its reader: what to do, until when, and where it stands."""

from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from applications.mails import Said, link, spelled
from loans.models import Agreement, ReminderKind


def about_signing(agreement: Agreement, kind: ReminderKind, *, to: User, today: date) -> Said:
    """What the applicant hears at one of the moments of ReminderKind."""
    with translation.override(to.language):
        until = _("Last day to sign:") + "\n" + spelled(agreement.deadline, to)
        page = _("How to sign, and how it stands:") + "\n" + link("loans:agreement", agreement.reference)
        if kind == ReminderKind.PASSED:
            lead = _("The time to sign the Loan Agreement for application %(reference)s has passed, and no signature is recorded.")
            ask = _(
                "If it was signed in time, send it to the office at once. Otherwise the office may confirm that the approval lapses; "
                "the samples then go back to the stock."
            )
            return Said(_("the time to sign the Loan Agreement has passed"), _joined(lead, agreement, until, ask, page))
        subject, lead = _opening(kind, agreement, today)
        warning = _("If the agreement is not signed by then, the approval lapses.")
        return Said(subject, _joined(lead, agreement, until, warning, page))


def _joined(lead: str, agreement: Agreement, *others: str) -> str:
    return "\n\n".join((lead % {"reference": agreement.application.reference, "agreement": agreement.reference}, *others))


def _opening(kind: ReminderKind, agreement: Agreement, today: date) -> tuple[str, str]:
    if kind == ReminderKind.NOTICE:
        return _("please sign the Loan Agreement"), _(
            "Application %(reference)s is approved. The loan has the reference %(agreement)s. The Loan Agreement now has to be signed."
        )
    if kind == ReminderKind.EXTENDED:
        return _("more time to sign the Loan Agreement"), _("There is more time to sign the Loan Agreement for application %(reference)s.")
    if kind == ReminderKind.LAST_DAY:
        return _("last day to sign the Loan Agreement"), _("Today is the last day to sign the Loan Agreement for application %(reference)s.")
    left = (agreement.due_on - today).days
    count = ngettext("%(count)d day is left.", "%(count)d days are left.", left) % {"count": left}
    lead = _("No signature is recorded yet on the Loan Agreement for application %(reference)s.")
    return _("the Loan Agreement is still to be signed"), f"{lead} {count}"
