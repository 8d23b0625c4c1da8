"""A request of somebody who is signed in, as views that demand it may call it."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest

from accounts.models import User


class UserRequest(HttpRequest):
    """Only a type: after `login_required` the user is a person."""

    user: User
    reader_zone: ZoneInfo | None
