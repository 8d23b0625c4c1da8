"""Saving the words of a kind of letter: numbered versions, one of two wins, and what does not fit is refused."""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.make import make_user
from letters.actions import SameText, TextChanged, TextRefused, save_text
from letters.models import TextVersion, standing_wording
from letters.tests.test_texts import KIND
from letters.words import Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


OTHER = replace(KIND.default, title=Pair("Dear {name}", "尊敬的{name}"))


def test_each_save_is_a_version_and_the_newest_stands(user: User) -> None:
    assert standing_wording(KIND) == KIND.default
    first = save_text(KIND, OTHER, seen=0, by=user)
    second = save_text(KIND, KIND.default, seen=1, by=user, restores=0)
    assert (first.number, second.number, second.is_restored) == (1, 2, True)
    assert standing_wording(KIND) == KIND.default
    assert TextVersion.objects.newest() == {"test": second}


def test_a_text_that_does_not_fit_is_refused(user: User) -> None:
    with pytest.raises(TextRefused) as refusal:
        save_text(KIND, replace(OTHER, opening=Pair("{secret}", "{days}")), seen=0, by=user)
    assert "opening_en" in refusal.value.problems
    assert not TextVersion.objects.exists()


def test_the_same_words_again_are_no_version(user: User) -> None:
    with pytest.raises(SameText):
        save_text(KIND, KIND.default, seen=0, by=user)


def test_whoever_edited_an_older_version_learns_what_stands_now(user: User) -> None:
    theirs = save_text(KIND, OTHER, seen=0, by=user)
    with pytest.raises(TextChanged) as problem:
        save_text(KIND, replace(OTHER, title=Pair("{name}", "{name}")), seen=0, by=make_user())
    assert problem.value.theirs == theirs
    assert TextVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_wins(user: User) -> None:
    barrier, results = Barrier(2), []

    def save(title: str) -> None:
        try:
            barrier.wait()
            save_text(KIND, replace(OTHER, title=Pair(title, title)), seen=0, by=user)
            results.append("saved")
        except TextChanged as problem:
            results.append(problem.theirs.title_en)
        finally:
            connection.close()

    people = [Thread(target=save, args=(title,)) for title in ("one", "two")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    (version,) = TextVersion.objects.all()
    assert sorted(results) == sorted(["saved", version.title_en])
