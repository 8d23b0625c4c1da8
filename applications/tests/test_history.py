"""The history of an application is a chain: whoever changes, cuts or shuffles its rows behind the code's back is found."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from applications.models import Application
from applications.tests.make import make_returned
from workflow.models import digest_of

TABLE = "applications_applicationchange"
pytestmark = pytest.mark.django_db


def run(statement: str, *values: int | str) -> None:
    """A statement of somebody who has the database in hand: the trigger is taken away first, within this test."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f'DROP TRIGGER IF EXISTS "{TABLE}_append_only" ON "{TABLE}"')
        else:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{TABLE}_no_update"')
            cursor.execute(f'DROP TRIGGER IF EXISTS "{TABLE}_no_delete"')
        cursor.execute(statement, list(values))


def test_whole_histories_pass() -> None:
    make_returned()
    output = StringIO()
    call_command("verify_history", stdout=output)
    assert "whole" in output.getvalue()


def change_the_reason(application: Application) -> None:
    run(f"UPDATE {TABLE} SET note = 'something else' WHERE record_id = %s AND sequence = 2", application.pk)


def change_the_moment(application: Application) -> None:
    run(f"UPDATE {TABLE} SET at = at - interval '1 hour' WHERE record_id = %s AND sequence = 1", application.pk)


def delete_the_first(application: Application) -> None:
    run(f"DELETE FROM {TABLE} WHERE record_id = %s AND sequence = 1", application.pk)


def delete_all(application: Application) -> None:
    run(f"DELETE FROM {TABLE} WHERE record_id = %s", application.pk)


def cut_the_end(application: Application) -> None:
    run(f"DELETE FROM {TABLE} WHERE record_id = %s AND sequence = 2", application.pk)


def reorder(application: Application) -> None:
    run(f"UPDATE {TABLE} SET sequence = sequence + 10 WHERE record_id = %s", application.pk)
    run(f"UPDATE {TABLE} SET sequence = 13 - sequence WHERE record_id = %s", application.pk)


def change_and_digest_anew(application: Application) -> None:
    """Even who knows how the digest is made would have to write the record's own head as well."""
    step = application.history.get(sequence=2)
    step.note = "forged"
    run(f"UPDATE {TABLE} SET note = 'forged', digest = %s WHERE id = %s", digest_of(step.content()), step.pk)


@pytest.mark.breaks_invariants
@pytest.mark.parametrize("tamper", [change_the_reason, change_the_moment, delete_the_first, delete_all, cut_the_end, reorder, change_and_digest_anew])
def test_a_history_that_was_tampered_with_is_found(tamper: Callable[[Application], None]) -> None:
    if connection.vendor == "sqlite" and tamper is change_the_moment:
        pytest.skip("PostgreSQL's way to write a span of time")
    application = make_returned()
    tamper(application)
    with pytest.raises(CommandError, match=rf"{application.history.model._meta.label}"):
        call_command("verify_history", stdout=StringIO())
