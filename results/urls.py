"""The addresses of results."""

from django.urls import path

from results import views

app_name = "results"
urlpatterns = [
    path("results/", views.overview, name="list"),
    path("results/<slug:slug>/", views.round, name="round"),
    path("results/<slug:slug>.csv", views.csv, name="csv"),
    path("results/<slug:slug>.json", views.json, name="json"),
    path("rounds/<slug:slug>/office/results/", views.office, name="office"),
]
