"""The addresses of applications."""

from django.urls import path

from applications import views

app_name = "applications"

urlpatterns = [
    path("applications/", views.listing, name="list"),
    path("applications/new/", views.new, name="new"),
    path("applications/<slug:reference>/", views.application, name="application"),
    path("applications/<slug:reference>/edit/<slug:section>/", views.edit, name="edit"),
    path("applications/<slug:reference>/check/", views.check, name="check"),
    path("applications/<slug:reference>/submit/", views.submit, name="submit"),
    path("applications/<slug:reference>/receipt/", views.receipt, name="receipt"),
    path("applications/<slug:reference>/withdraw/", views.withdraw, name="withdraw"),
]
