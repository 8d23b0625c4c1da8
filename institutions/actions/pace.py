"""What keeps one person from copying the register out of the portal question by question."""

import time

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from institutions.models import SearchPace

QUESTIONS_A_MINUTE = 120  # the quickest typist asks less


class TooFast(Exception):
    def __init__(self) -> None:
        super().__init__(_("That were very many questions. Wait a minute, or use the Search button."))


def count_question(user: User) -> None:
    """Note one question: one statement, no matter how many processes answer. Refuses the 121st of a minute."""
    minute = int(time.time()) // 60
    allowed = SearchPace.objects.filter(user=user).exclude(minute=minute, questions__gte=QUESTIONS_A_MINUTE)
    counted = allowed.update(questions=Case(When(Q(minute=minute), then=F("questions") + 1), default=Value(1)), minute=minute)
    if not counted and not SearchPace.objects.get_or_create(user=user, defaults={"minute": minute})[1]:
        raise TooFast
