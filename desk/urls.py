"""Addresses of the pages that look across everything."""

from django.urls import path

from desk.views import erasure, facts, history, letter_texts, mine, office, public, work

app_name = "desk"

urlpatterns = [
    path("", public.home, name="home"),
    path("desk/", work.desk, name="desk"),
    path("desk/my-data/", mine.my_data, name="my_data"),
    path("desk/my-data/download/", mine.download, name="download_my_data"),
    path("desk/letters/", letter_texts.letter_texts, name="letter_texts"),
    path("desk/letters/<slug:word>/", letter_texts.letter_text, name="letter_text"),
    path("desk/letters/<slug:word>/preview.pdf", letter_texts.letter_text_pdf, name="letter_text_pdf"),
    path("desk/letters/<slug:word>/versions/<int:number>/", letter_texts.letter_text_version, name="letter_text_version"),
    path("desk/letters/<slug:word>/versions/<int:number>/restore/", letter_texts.restore_letter_text, name="restore_letter_text"),
    path("people/<int:pk>/erase/", erasure.erase, name="erase"),
    path("people/<int:pk>/erase/refuse/", erasure.refuse, name="refuse_erasure"),
    path("rules/", public.rules, name="rules"),
    path("help/", public.guide, name="help"),
    path("contact/", public.contact, name="contact"),
    path("privacy/", public.privacy, name="privacy"),
    path("history/", history.history, name="history"),
    path("history/roots.json", history.roots, name="roots"),
    path("applications/<str:reference>/history.json", history.proof, name="proof"),
    path("rounds/<slug:slug>/office/cases/<str:reference>/history.json", history.case_proof, name="case_proof"),
    path("healthz/live", public.live, name="live"),
    path("healthz/ready", public.ready, name="ready"),
    path("rounds/", public.rounds, name="rounds"),
    path("rounds/<slug:slug>/", public.round, name="round"),
    path("reviews/<int:pk>/facts/", facts.facts, name="facts"),
    path("rounds/<slug:slug>/office/", office.overview, name="office"),
    path("rounds/<slug:slug>/office/cases/<str:reference>/", office.case, name="case"),
    path("rounds/<slug:slug>/office/cases/<str:reference>/facts/", office.case_facts, name="case_facts"),
]
