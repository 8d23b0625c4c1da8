"""Rounds for tests."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from rounds.actions import prepare_round
from rounds.models import Round
from samples.models import Sample
from samples.tests.make import make_sample

_numbers = count(1)


def make_round(*samples: Sample, **fields: Any) -> Round:
    """An open round that began yesterday and closes in ten days; without samples it offers 100 mg of powder."""
    now = timezone.now()
    samples = samples or (Sample.objects.filter(number="CE5C0600").first() or make_sample("CE5C0600", mass_ug=100_000),)
    number = next(_numbers)
    closes_at = fields.pop("closes_at", now + timedelta(days=10))
    fields = {
        "slug": f"test-{number}",
        "title_en": f"Test round {number}",
        "title_zh": f"测试批次{number}",
        "mission": samples[0].mission,
        "audience": "both",
        "opens_at": now - timedelta(days=1),
        "closes_at": closes_at,
        "corrections_close_at": closes_at + timedelta(days=20),
        "recall_minutes": 0,
    } | fields
    return prepare_round(samples=samples, by=None, **fields)


def close_round(round: Round) -> Round:
    """As if its time had just passed: whatever was handed in so far was in time."""
    now = timezone.now()
    Round.objects.filter(pk=round.pk).update(opens_at=now - timedelta(days=30), closes_at=now)
    round.refresh_from_db()
    return round
