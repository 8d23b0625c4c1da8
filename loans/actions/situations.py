"""What can stand in the way of an agreement or a promotion. The texts may be shown."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _


class SignatureImpossible(Exception):
    """The day of the signature does not fit. The text may be shown."""


class SignedTooLate(SignatureImpossible):
    def __init__(self, due_on: date) -> None:
        day = date_format(due_on, "DATE_FORMAT")
        super().__init__(_("The last day to sign was %(day)s. Extend the time with the reason first, then record the signature.") % {"day": day})


class ExtensionImpossible(Exception):
    """The new day does not lie later, or the reason is missing. The text may be shown."""


class NotOverdue(Exception):
    """The time to sign has not ended. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("There is still time to sign, so the approval cannot lapse."))


class DayChanged(Exception):
    """Somebody else has written about this day meanwhile. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has changed this day in the meantime. Look at the table again; nothing was saved."))


class SameAsBefore(Exception):
    """The table says this of the day already. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The table says just this of the day already."))


class PromotionImpossible(Exception):
    """What is proposed cannot be lent now. The text may be shown."""


class RulesBrokenSince(Exception):
    """A rule that the proposal does not name is not kept by the time it is made. The text may be shown to whoever makes it."""

    def __init__(self, told: Sequence[str]) -> None:
        super().__init__(
            _(
                "The rules of this round do not allow it now, and the proposal gives no reason to overrule this: %(findings)s Nothing was "
                "recorded. Drop the proposal and have it proposed anew."
            )
            % {"findings": " ".join(told)}
        )


class SamePerson(Exception):
    """Whoever has proposed a promotion does not make it. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("You have proposed this promotion. Another person has to make it."))
