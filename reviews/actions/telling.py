"""Experts hear of what they were given, and are reminded of what they have not filed. Each mail has a key, so that none goes out twice."""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from letters.actions import write_mail
from letters.models import Mail
from reviews import mails
from reviews.models import unfiled_reviews
from rounds.models import Round

log = logging.getLogger(__name__)

GATHER = timedelta(minutes=10)  # assignments of so long are told in one mail
BEIJING = ZoneInfo("Asia/Shanghai")
LATEST = timedelta(days=7)  # after the due date nobody is reminded by the clock of a round of old
LEADS = (("week", timedelta(days=7)), ("day", timedelta(days=1)), ("late", timedelta(0)))  # before the due date; "late" at once after it


class RemindedToday(Exception):
    """Everybody who was to be reminded has had a reminder today. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("No mail was written: everybody who is meant has been reminded today."))


class NobodyToRemind(Exception):
    def __init__(self) -> None:
        super().__init__(_("Nobody has to be reminded."))


def tell_assigned(round: Round, experts: Iterable[User]) -> None:
    """One mail per person for all that is assigned until the next full ten minutes; it goes out then."""
    now = timezone.now()
    seconds = GATHER.total_seconds()
    send_at = datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, tz=now.tzinfo)
    for expert in experts:
        said = mails.assigned(round, to=expert)
        key = f"assigned:{round.pk}:{expert.pk}:{send_at:%Y%m%d%H%M}"
        write_mail(key=key, to=expert, reference=round.slug[:40], subject=said.subject, text=said.text, send_at=send_at)


def reminder_key(round: Round, expert: int, now: datetime) -> str:
    """One reminder by hand per person and day, as Beijing counts days."""
    return f"remind:{round.pk}:{expert}:{now.astimezone(BEIJING):%Y%m%d}"


@transaction.atomic
def remind_experts(round: Round, experts: Iterable[User], *, by: User) -> int:
    """Remind these people of what they have not filed, of cases that `by` may see; how many mails were written.

    Raises RemindedToday when all of them were reminded today, NobodyToRemind when none has anything left to do.
    """
    now = timezone.now()
    waiting = Counter(review.expert_id for review in unfiled_reviews(round, seen_by=by))
    meant = [expert for expert in experts if waiting[expert.pk]]
    if not meant:
        raise NobodyToRemind
    told = set(Mail.objects.filter(key__in=[reminder_key(round, expert.pk, now) for expert in meant]).values_list("key", flat=True))
    left = [expert for expert in meant if reminder_key(round, expert.pk, now) not in told]
    if not left:
        raise RemindedToday
    for expert in left:
        _remind(round, expert, waiting[expert.pk], key=reminder_key(round, expert.pk, now), now=now)
    return len(left)


def reminded_today(round: Round, experts: Iterable[User]) -> set[int]:
    """Who of these has had a reminder by hand today."""
    keys = {reminder_key(round, expert.pk, timezone.now()): expert.pk for expert in experts}
    return {keys[key] for key in Mail.objects.filter(key__in=keys).values_list("key", flat=True)}


def _remind(round: Round, expert: User, unfiled: int, *, key: str, now: datetime) -> None:
    said = mails.reminder(round, to=expert, unfiled=unfiled, now=now)
    write_mail(key=key, to=expert, reference=round.slug[:40], subject=said.subject, text=said.text)


def remind_reviewers(*, now: datetime | None = None) -> int:
    """By clock: a week and a day before the reviews are due, and once after. What was missed is not made up for: only the newest counts."""
    now = now or timezone.now()
    written = 0
    for round in Round.objects.run_here().filter(reviews_due_at__gte=now - LATEST, reviews_due_at__lte=now + LEADS[0][1]):
        try:
            written += _remind_round(round, now)
        except Exception:
            log.exception("No reminders about %s", round.slug)
    return written


@transaction.atomic
def _remind_round(round: Round, now: datetime) -> int:
    assert round.reviews_due_at is not None
    kind, lead = [(kind, lead) for kind, lead in LEADS if round.reviews_due_at - lead <= now][-1]
    moment = round.reviews_due_at - lead
    waiting = Counter(review.expert_id for review in unfiled_reviews(round) if review.assigned_at <= moment)
    keys = {expert: f"due:{kind}:{round.pk}:{expert}:{round.reviews_due_at:%Y%m%d%H%M}" for expert in waiting}
    told = set(Mail.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    people = User.objects.in_bulk([expert for expert, key in keys.items() if key not in told])
    for expert in people.values():
        _remind(round, expert, waiting[expert.pk], key=keys[expert.pk], now=now)
    return len(people)
