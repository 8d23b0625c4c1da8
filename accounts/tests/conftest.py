"""Account mails are sent at once in these tests, as a worker would."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app


@pytest.fixture(autouse=True)
def mails_go_out_at_once() -> Iterator[None]:
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """What waits for the commit happens at the end of the block, although the test's transaction is never committed."""
    return django_capture_on_commit_callbacks
