"""The decision page in a real browser: the rules of the round speak while a mass is typed, before anything is recorded."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role
from accounts.tests.make import make_user
from lunarloans.tests.test_look import Way, faults_of, opened
from reviews.models import Decision
from reviews.tests.make import browser_of, carry, make_cases
from rounds.models import Rule
from rounds.tests.make import make_round
from samples.tests.make import make_sample


@pytest.mark.browser
def test_the_rules_follow_the_mass_that_is_typed(browser: Browser, live_server: LiveServer, static_files: None) -> None:
    sample = make_sample("CE5C0600", mass_ug=100_000)
    (case,) = make_cases(1, make_round(sample), lines=[(sample, 40_000)])
    carry(case, officer=make_user(None, Role.OFFICER))
    Rule.objects.of(case.round).filter(code="share-most").update(is_on=True, limit_ppm=300_000)
    client = browser_of(make_user(None, Role.OFFICER))
    with opened(browser, Way("light", 1280), "en", client, live_server.url) as (page, complaints):
        page.goto(reverse("reviews:decisions_one", args=[case.round.slug, case.reference]))
        told, title = page.locator(".findings[data-number=CE5C0600]"), page.get_by_text("for what is entered here")
        expect(title).to_be_hidden()
        page.get_by_role("radio", name="Approved", exact=True).check()
        expect(told).to_contain_text("is 40 % of what is left; the rule is at most 30 %")
        expect(title).to_be_visible()
        assert not faults_of(page, complaints, language="en", theirs=set())
        page.get_by_role("radio", name="Approved with less").check()
        mass = page.get_by_label("Approved mass (mg)")
        mass.fill("35")
        expect(told).to_contain_text("is 35 % of what is left")
        mass.fill("20")
        expect(told).to_be_empty()
        expect(title).to_be_hidden()
        assert not complaints
    assert not Decision.objects.exists()
