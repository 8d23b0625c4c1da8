"""Two worlds (quality: S-01, S-14): nobody outside the office can tell a recorded decision from none before the announcement is visible."""

import re
from typing import Any

import pytest
from django.urls import reverse

from applications.models import Application
from lunarloans.tests.make import World, make_world
from lunarloans.tests.test_access import furnished, kwargs_of, named_urls
from reviews.actions import announce_decisions, decisions_to_announce, run_announcements
from reviews.models import Announcement
from reviews.tests.make import decide
from samples.models import Sample

OUTSIDERS = ("public", "applicant", "stranger", "other_expert", "curator", "tied_officer")
QUERIES = {
    "samples:list": ("?q=CE5", "?available=1", "?form=powder", "?order=vault_ug", "?vault_ug__lt=1", "?earmarked_ug=40000"),
    "results:list": ("?round=reviewed",),
    "applications:list": ("?status=approved", "?order=status"),
    "letters:list": ("?reference=LSA",),
}
TOKENS = re.compile(
    rb'(name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|nonce-[A-Za-z0-9+/=_-]*|name="key" value="[^"]*"'
    rb'|"(made_at|last_sign_in_at)": ?"[^"]*")'
)
# Seconds of the session; prints with their moment, which test_two_worlds compares word by word: the reader's own draft, minutes, applications.
OF_THE_MOMENT = {"accounts:stay", "applications:answers_pdf", "reviews:minutes", "reviews:reading_copy"}
OWN_HEADERS = {"Set-Cookie", "Content-Security-Policy", "Date", "Expires"}  # of one answer: tokens and its moment


def look(world: World) -> dict[tuple[str, str], Any]:
    """Everything that each outsider can fetch: status, headers, body without one-time tokens."""
    seen: dict[tuple[str, str], Any] = {}
    for role in OUTSIDERS:
        client = world.client(role)
        for name, needed in sorted(set(named_urls()), key=str):
            if name.startswith(("admin:", "mfa_", "account_", "set_language")) or name in OF_THE_MOMENT:
                continue
            if (role, name) == ("tied_officer", "samples:sample"):
                continue  # the office's own stock figure counts every earmark, without saying whose (design: the ledger)
            address = reverse(name, kwargs=kwargs_of(name, needed, world))
            for url in (address, *(address + query for query in QUERIES.get(name, ()))):
                response = client.get(url)
                body = response.getvalue()
                headers = {key: value for key, value in response.headers.items() if key not in OWN_HEADERS}
                seen[role, url] = (response.status_code, headers, TOKENS.sub(b"", body))
    return seen


def differences(before: dict[tuple[str, str], Any], after: dict[tuple[str, str], Any]) -> list[tuple[str, str]]:
    assert before.keys() == after.keys()
    return [place for place in before if before[place] != after[place]]


@pytest.fixture
def world(db: None) -> World:
    return furnished(make_world())


def test_nobody_outside_the_office_learns_of_a_decision_before_it_is_visible(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_recorded = look(world)
    by_themselves = differences(nothing_recorded, look(world))
    assert by_themselves == [], f"these differ by themselves, the test could prove nothing: {by_themselves}"

    decide(Application.objects.with_case().get(pk=world.case.pk), officer=world.people["officer"])
    world.powder.refresh_from_db()
    assert world.powder.earmarked_ug, "nothing is earmarked: the test could prove nothing"
    assert differences(nothing_recorded, look(world)) == []

    count = len(decisions_to_announce(world.reviewed, by=world.people["approver"]))
    announce_decisions(world.reviewed, by=world.people["approver"], count=count)
    assert differences(nothing_recorded, look(world)) == []

    with monkeypatch.context() as dying:  # the worker dies between the last application and the common moment
        dying.setattr("reviews.actions.announcing._finish", _die)
        with pytest.raises(WorkerDied):
            run_announcements()
    world.powder.refresh_from_db()
    assert Application.objects.get(pk=world.case.pk).status == "approved"
    assert world.powder.held_ug
    assert world.powder.unseen_ug
    assert differences(nothing_recorded, look(world)) == []

    run_announcements()
    assert Announcement.objects.get(round=world.reviewed).visible_at is not None
    told = differences(nothing_recorded, look(world))
    assert ("applicant", reverse("applications:application", args=[world.case.reference])) in told
    assert ("applicant", reverse("letters:list")) in told
    assert ("public", reverse("samples:list")) in told
    assert ("tied_officer", reverse("applications:list")) not in told


class WorkerDied(BaseException):
    pass


def _die(*args: Any, **kwargs: Any) -> None:
    raise WorkerDied


def test_a_tied_officer_and_approver_find_no_trace_of_the_case(world: World) -> None:
    for role in ("tied_officer", "tied_approver"):
        client = world.client(role)
        for name in ("check", "experts", "votes", "decisions", "announce", "letters"):
            page = client.get(reverse(f"reviews:{name}", args=[world.reviewed.slug]))
            if page.status_code == 200:
                for application in (world.case, world.decided, world.to_check):
                    assert application.reference.encode() not in page.content, f"{name} for {role}"
        case = reverse("desk:case", args=[world.reviewed.slug, world.case.reference])
        missing = reverse("desk:case", args=[world.reviewed.slug, "LSA-2001-00001"])
        assert client.get(case).status_code == client.get(missing).status_code == 404


def test_the_public_figure_of_a_sample_is_the_same_whatever_is_earmarked(world: World) -> None:
    before = Sample.objects.get(pk=world.powder.pk).left_ug
    decide(Application.objects.with_case().get(pk=world.case.pk), officer=world.people["officer"])
    after = Sample.objects.get(pk=world.powder.pk)
    assert after.left_ug == before
    assert after.vault_ug < before
