"""The addresses of rounds."""

from django.urls import path

from rounds import views

app_name = "rounds"
urlpatterns = [
    path("rounds/new/", views.new, name="new"),
    path("rounds/<slug:slug>/edit/", views.edit, name="edit"),
    path("rounds/<slug:slug>/extend/", views.extend, name="extend"),
]
