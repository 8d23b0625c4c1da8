"""The addresses of results."""

from django.urls import path

from results import views

app_name = "results"
urlpatterns = [
    path("results/", views.overview, name="list"),
    path("results/feed.atom", views.feed, name="feed"),
    path("results/schema.json", views.schema, name="schema"),
    path("results/<slug:slug>/", views.round, name="round"),
    path("results/<slug:slug>.csv", views.csv, name="csv"),
    path("results/<slug:slug>.json", views.json, name="json"),
    path("results/<slug:slug>/transparency/", views.transparency, name="transparency"),
    path("results/<slug:slug>/transparency.csv", views.transparency_csv, name="transparency_csv"),
    path("results/<slug:slug>/transparency.json", views.transparency_json, name="transparency_json"),
    path("rounds/<slug:slug>/office/results/", views.office, name="office"),
    path("rounds/<slug:slug>/office/results/recall/", views.recall, name="recall"),
]
