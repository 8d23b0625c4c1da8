"""The picker of samples in a real browser: the share is shown while one types, the return key takes nothing away. (U-28, U-29)"""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from applications.models import Application
from applications.questions import asked_lines
from applications.tests.make import make_draft, the_draft
from lunarloans.tests.test_look import Way, faults_of, opened
from rounds.tests.make import make_round
from samples.models import Form
from samples.tests.make import make_sample

CLAST = "CE5C0000YJYX031"


def make_choice() -> Application:
    """A draft that asks for scooped and drilled powder and a clast, in a round that offers one more powder."""
    scooped, drilled = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5Z0107YJ", mass_ug=500_000)
    clast = make_sample(CLAST, form=Form.CLAST, mass_ug=9_900)
    offered = (scooped, drilled, clast, make_sample("CE5C0400", mass_ug=4_350_000))
    return make_draft(make_round(*offered), lines=[(scooped, 10_000), (drilled, 60_000), (clast, 9_900)])


def chosen(application: Application) -> set[str]:
    return {number for number, _place in asked_lines(the_draft(application).answers)}


CLICK_WHILE_SAVING = """async () => {
  const mass = document.querySelector("[name='line-CE5C0600-mass']");
  mass.value = "22.2";
  for (const kind of ["input", "change"]) mass.dispatchEvent(new Event(kind, { bubbles: true }));
  await new Promise((done) => setTimeout(done, 5));
  const found = document.querySelector("#found");
  found.querySelector("[name=add][value=CE5C0400]").click();
  found.replaceWith(found.cloneNode(true));
}"""


@pytest.mark.browser
def test_the_share_of_what_is_left_is_shown_while_one_types(browser: Browser, live_server: LiveServer, static_files: None, client: Client) -> None:
    application = make_choice()
    client.force_login(application.owner)
    with opened(browser, Way("light", 1280), "en", client, live_server.url) as (page, complaints):
        page.goto(reverse("applications:edit", args=[application.reference, "samples"]))
        line = page.locator("#line-CE5C0600")
        mass, share, bar = line.get_by_label("Best amount"), line.locator("output"), line.locator("rect.left")
        expect(share).to_have_text("10 % of what is left")
        mark = line.locator(".mark")
        before = mark.get_attribute("transform")
        mass.fill("３１ mg")
        expect(share).to_have_text("31 % of what is left", timeout=500)
        expect(bar).to_have_attribute("width", "31")
        assert mark.get_attribute("transform") != before
        mass.fill("0.5")
        expect(share).to_have_text("less than 1 % of what is left", timeout=500)
        mass.fill("lots")
        expect(share).to_be_hidden(timeout=500)
        expect(mark).to_be_hidden()
        mass.fill("100.1")
        expect(share).to_have_text("more than what is left", timeout=500)
        expect(line.locator(".error")).to_contain_text("Only 100.0 mg of CE5C0600 are left.", timeout=10_000)
        above = page.locator("#line-CE5Z0107YJ .above")
        expect(above).to_be_hidden()
        page.locator("#line-CE5Z0107YJ").get_by_label("Best amount").fill("301")
        expect(above).to_be_visible(timeout=500)
        assert complaints == []


@pytest.mark.browser
def test_the_return_key_saves_and_stays_and_a_search_needs_no_button(
    browser: Browser, live_server: LiveServer, static_files: None, client: Client
) -> None:
    application = make_choice()
    client.force_login(application.owner)
    with opened(browser, Way("light", 1280), "en", client, live_server.url) as (page, complaints):
        address = reverse("applications:edit", args=[application.reference, "samples"])
        page.goto(address)
        with page.expect_navigation():
            page.locator("#line-CE5C0600").get_by_label("Best amount").press("Enter")
        assert re.search(rf"{address}(\?.*)?#find$", page.url)
        assert len(chosen(application)) == 3
        page.get_by_label("Number or note").fill("0400")
        expect(page.locator(".offered > li")).to_have_count(1)
        with page.expect_navigation():
            page.evaluate(CLICK_WHILE_SAVING)  # and while the list is drawn anew
        assert page.url.endswith("?q=0400#line-CE5C0400")
        assert chosen(application) == {"CE5C0600", "CE5Z0107YJ", CLAST, "CE5C0400"}
        assert the_draft(application).answers["line-CE5C0600-mass"] == "22.2"
        with page.expect_navigation():
            page.get_by_role("button", name="Remove CE5Z0107YJ").click()
        assert "CE5Z0107YJ" not in chosen(application)
        assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("way", [Way("light", 1280), Way("dark", 360)], ids=["light", "dark"])
@pytest.mark.parametrize("part", ["samples", "methods"])
def test_the_picker_stands_up_to_a_close_look(
    part: str, way: Way, browser: Browser, live_server: LiveServer, static_files: None, client: Client
) -> None:
    application = make_choice()
    client.force_login(application.owner)
    with opened(browser, way, "en", client, live_server.url) as (page, complaints):
        page.goto(reverse("applications:edit", args=[application.reference, part]))
        assert faults_of(page, complaints, language="en", theirs=set()) == []
