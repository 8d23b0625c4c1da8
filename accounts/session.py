"""How long a session lasts: it ends when nothing is done in it for a while, and at the latest half a day after the sign-in (S-26)."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings

from accounts.http import UserRequest
from accounts.models import User
from accounts.permissions import OFFICE_ROLES

SEEN_AT = "seen_at"
SEEN_EVERY = 60  # seconds between two notes of "still here", so that reading costs no writes


def signed_in_at(request: UserRequest) -> float:
    """When this session was opened."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    if records and "at" in records[0]:
        return float(records[0]["at"])
    return request.user.last_login.timestamp() if request.user.last_login else time.time()


def idle_limit(user: User) -> int:
    """Seconds without a request after which the session of this person ends."""
    return settings.SESSION_IDLE_OFFICE if user.has_role(*OFFICE_ROLES) else settings.SESSION_IDLE_APPLICANT


def seconds_open(request: UserRequest) -> int:
    """Until the session ends whatever its person does."""
    return int(signed_in_at(request) + settings.SESSION_LONGEST - time.time())


def seconds_left(request: UserRequest) -> int:
    """Until the session ends if nothing more is done in it; nothing or less when it is over."""
    seen = float(request.session.get(SEEN_AT, signed_in_at(request)))
    return min(int(seen + idle_limit(request.user) - time.time()), seconds_open(request))


def seconds_shown(request: UserRequest) -> int:
    """For the clock of a page, which asks again before it warns: a full idle time less what is not noted, so that the same page fetched
    twice is the same to the byte; what is left of the half day once that is less."""
    return min(idle_limit(request.user) - SEEN_EVERY, seconds_open(request))


def note_presence(request: UserRequest, *, at_once: bool = False) -> None:
    """The person is still here. Written once a minute only, unless they have just said so."""
    now = time.time()
    if at_once or now - float(request.session.get(SEEN_AT, signed_in_at(request))) > SEEN_EVERY:
        request.session[SEEN_AT] = now
