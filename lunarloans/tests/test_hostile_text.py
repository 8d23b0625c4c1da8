"""Hostile text in an application makes nobody's browser ask another host (quality: S-16)."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role
from accounts.tests.make import make_user
from institutions.actions import load_countries
from institutions.tests.make import make_institution
from reviews.tests.make import browser_of, file, make_case, make_review

ELSEWHERE = "https://where-is-the-reviewer.example"
HOSTILE = (
    f'<img src="{ELSEWHERE}/1.png"><link rel="preload" href="{ELSEWHERE}/2.css"><style>body{{background:url({ELSEWHERE}/3)}}</style>'
    f'<a href="{ELSEWHERE}/4" ping="{ELSEWHERE}/5">x</a><iframe src="{ELSEWHERE}/6"></iframe>![x]({ELSEWHERE}/7) [x]({ELSEWHERE}/8)'
    f'<div hx-get="{ELSEWHERE}/9" hx-trigger="load"></div><svg onload="fetch(`{ELSEWHERE}/10`)"></svg>'
)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_expert_who_reads_hostile_text_asks_no_other_host(browser: Browser, live_server: LiveServer, static_files: None) -> None:
    load_countries()
    expert, officer = make_user(None, Role.EXPERT), make_user(None, Role.OFFICER)
    case = make_case(title=f"Title {HOSTILE}"[:250], plan=HOSTILE, institution=make_institution(name_en=f"Institute {HOSTILE}"[:200]))
    review, colleague = make_review(case, expert), make_review(case)
    file(colleague)
    looks = [
        (expert, reverse("reviews:queue")),
        (expert, reverse("reviews:review", args=[review.pk])),
        (officer, reverse("desk:case", args=[case.round.slug, case.reference])),
        (officer, reverse("reviews:experts_one", args=[case.round.slug, case.reference])),
        (officer, reverse("reviews:votes_one", args=[case.round.slug, case.reference])),
    ]
    asked: list[str] = []
    for person, url in looks:
        context = browser.new_context(base_url=live_server.url)
        cookies = browser_of(person).cookies.items()
        context.add_cookies([{"name": name, "value": morsel.value, "url": live_server.url} for name, morsel in cookies])
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        answer = page.goto(url, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, url
        assert page.locator(f'a[href^="{ELSEWHERE}"]').count() == 0
        context.close()
    assert len(asked) > len(looks), "no request was seen at all"
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
