"""A day at the review page in a real browser: a killed tab, two windows, keys that score and that can be switched off, a width that
stays, and no request to anybody else (quality: S-16, U-33, U-34, U-35, U-39)."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role, User
from accounts.tests.make import make_user
from institutions.actions import load_countries
from reviews.models import Review, Score
from reviews.tests.make import browser_of, file, make_cases, make_review

pytestmark = pytest.mark.browser
KEPT = 6_000  # ms in which a keystroke has arrived


@pytest.fixture
def expert(transactional_db: None) -> User:
    load_countries()
    return make_user(None, Role.EXPERT, full_name="Expert Amber")


@pytest.fixture
def reviews(expert: User) -> list[Review]:
    evil = '<img src="https://evil.example/x.png"> https://evil.example/ url(https://evil.example/y)'
    return [make_review(application, expert) for application in make_cases(2, plan=evil)]


@pytest.fixture
def context(browser: Browser, expert: User, live_server: LiveServer, static_files: None) -> BrowserContext:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    cookies = browser_of(expert).cookies.items()
    context.add_cookies([{"name": name, "value": morsel.value, "url": live_server.url} for name, morsel in cookies])
    return context


def opened(context: BrowserContext, review: Review) -> Page:
    page = context.new_page()
    page.goto(f"/reviews/{review.pk}/")
    expect(page.locator("#facts-body")).to_be_visible()
    return page


def test_what_was_typed_survives_a_killed_tab_and_is_announced_politely(context: BrowserContext, reviews: list[Review]) -> None:
    page = opened(context, reviews[0])
    page.locator("#id_remarks_to_committee").press_sequentially("Strong plan")
    page.get_by_role("radio", name="4").first.check(force=True)
    state = page.locator(".save-state")
    assert state.get_attribute("role") == "status"
    expect(state).to_contain_text("not filed", timeout=KEPT)
    page.locator("#id_remarks_to_committee").press_sequentially(", killed")
    page.close(run_before_unload=False)  # in the middle of a word: the browser itself still has it
    page = opened(context, reviews[0])
    expect(page.locator("#id_remarks_to_committee")).to_have_value("Strong plan, killed")
    page.wait_for_timeout(KEPT)
    review = Review.objects.get(pk=reviews[0].pk)
    assert (review.remarks_to_committee, review.status) == ("Strong plan, killed", "open")
    assert list(Score.objects.values_list("value", flat=True)) == [4]


def test_two_windows_are_offered_both_texts(context: BrowserContext, reviews: list[Review]) -> None:
    one, two = opened(context, reviews[0]), opened(context, reviews[0])
    one.locator("#id_remarks_to_applicant").fill("From one")
    expect(one.locator(".save-state")).to_contain_text("not filed", timeout=KEPT)
    two.locator("#id_remarks_to_applicant").fill("From two")
    both = two.locator(".differs")
    expect(both).to_contain_text("From one", timeout=KEPT)
    expect(two.locator("#id_remarks_to_applicant")).to_have_value("From two")
    both.get_by_role("button", name="Keep mine").click()
    expect(two.locator(".save-state")).to_contain_text("not filed", timeout=KEPT)
    assert Review.objects.get(pk=reviews[0].pk).remarks_to_applicant == "From two"


def test_a_change_of_a_filed_review_survives_a_killed_tab_until_it_is_filed(context: BrowserContext, reviews: list[Review]) -> None:
    review = file(reviews[0])
    page = context.new_page()
    page.goto(f"/reviews/{review.pk}/change/")
    page.locator("#id_remarks_to_committee").fill("Second thoughts")
    page.locator("#id_reason").press_sequentially("Heard the oth")
    page.get_by_role("radio", name="2").first.check(force=True)
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto(f"/reviews/{review.pk}/change/")
    expect(page.locator("#id_reason")).to_have_value("Heard the oth")
    expect(page.locator("#id_remarks_to_committee")).to_have_value("Second thoughts")
    expect(page.locator(".criterion").first.locator("input:checked")).to_have_value("2")
    expect(page.locator(".save-state")).to_contain_text("had not been saved")
    page.get_by_role("button", name="File changed review").click()
    page.wait_for_url(f"**/reviews/{review.pk}/")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('kept:'))") == []
    page.goto(f"/reviews/{review.pk}/change/")
    expect(page.locator("#id_reason")).to_have_value("")


def test_keys_score_move_and_help_but_never_while_one_types_and_not_when_switched_off(context: BrowserContext, reviews: list[Review]) -> None:
    page = opened(context, reviews[0])
    first = page.locator(".criterion").first
    page.keyboard.press("4")
    assert first.locator("input:checked").count() == 0, "the first key only leads to the criterion"
    page.keyboard.press("4")
    expect(first.locator("input:checked")).to_have_value("4")
    expect(page.locator("[data-mean]")).to_have_text("4.00")
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    expect(page.locator("[data-mean]")).to_have_text("2.50")
    page.keyboard.press("c")
    page.keyboard.type("j k s ? 1 2 3")
    expect(page.locator("#id_remarks_to_applicant")).to_have_value("j k s ? 1 2 3")
    expect(page.locator("[data-mean]")).to_have_text("2.50")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    assert page.url.endswith(f"/reviews/{reviews[0].pk}/"), "switched off"
    page.reload()
    page.get_by_role("button", name="Keys").click()
    expect(page.locator("#keys-on")).not_to_be_checked()
    page.locator("#keys-on").check()
    page.keyboard.press("Escape")
    page.locator("body").press("j")
    page.wait_for_url(f"**/reviews/{reviews[1].pk}/")
    page.locator("body").press("k")
    page.wait_for_url(f"**/reviews/{reviews[0].pk}/")


def test_the_width_is_set_by_keyboard_and_stays(context: BrowserContext, reviews: list[Review]) -> None:
    page = opened(context, reviews[0])
    grip = page.get_by_role("separator")
    before = page.locator("#application").bounding_box()
    grip.focus()
    for _press in range(5):
        page.keyboard.press("ArrowLeft")
    assert grip.get_attribute("aria-valuenow") == "47"
    after = page.locator("#application").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] < before["width"] - 80
    page.reload()
    assert page.get_by_role("separator").get_attribute("aria-valuenow") == "47"
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.get_by_role("separator")).to_be_hidden()
    expect(page.get_by_role("link", name="Your review")).to_be_visible()


def test_the_preview_shows_what_the_applicant_would_read(context: BrowserContext, reviews: list[Review]) -> None:
    page = opened(context, reviews[0])
    page.locator("#id_remarks_to_applicant").fill("Please name the epoxy.")
    page.locator("#id_remarks_to_committee").fill("Secret doubts")
    page.get_by_text("As the applicant would read it").click()
    expect(page.locator(".as-read")).to_contain_text("Please name the epoxy.")
    expect(page.locator(".as-read")).not_to_contain_text("Secret doubts")


def test_nothing_of_a_hostile_text_leaves_the_browser(context: BrowserContext, reviews: list[Review], live_server: LiveServer) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = opened(context, reviews[0])
    page.wait_for_load_state("networkidle")
    assert asked
    assert not [url for url in asked if not url.startswith((live_server.url, "data:"))]
