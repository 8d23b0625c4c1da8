"""Addresses of the letters and of the public check."""

from django.urls import path

from letters import views

app_name = "letters"

urlpatterns = [
    path("letters/", views.letters, name="list"),
    path("letters/<slug:number>/", views.letter, name="letter"),
    path("letters/<slug:number>.pdf", views.pdf, name="pdf"),
    path("verify/", views.verify, name="verify"),
    path("verify/office.pem", views.certificate, name="certificate"),
    path("verify/<str:code>/", views.check, name="check"),
]
