"""How often one person may ask while typing: enough for the quickest typist, too little to copy the register out of the portal."""

import time

from django.core.cache import cache

from accounts.models import User

QUESTIONS_A_MINUTE = 120


def is_too_fast(user: User) -> bool:
    """Count one question. Two at the same instant may count as one: the limit is against thousands."""
    minute = int(time.time()) // 60
    key = f"institution-search:{user.pk}:{minute}"
    if cache.add(key, 1, timeout=120):
        return False
    try:
        return cache.incr(key) > QUESTIONS_A_MINUTE
    except ValueError:  # the cache made room in between
        return False
