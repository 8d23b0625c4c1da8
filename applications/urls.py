"""The addresses of applications."""

from django.urls import path

from applications import views

app_name = "applications"

urlpatterns = [
    path("applications/", views.listing, name="list"),
    path("applications/new/", views.new, name="new"),
    path("applications/questions/<slug:kind>/", views.questions, name="questions"),
    path("applications/<slug:reference>/", views.application, name="application"),
    path("applications/<slug:reference>/edit/<slug:section>/", views.edit, name="edit"),
    path("applications/<slug:reference>/edit/<slug:section>/earlier/", views.earlier, name="earlier"),
    path("applications/<slug:reference>/edit/<slug:section>/restore/", views.restore, name="restore"),
    path("applications/<slug:reference>/check/", views.check, name="check"),
    path("applications/<slug:reference>/submit/", views.submit, name="submit"),
    path("applications/<slug:reference>/receipt/", views.receipt, name="receipt"),
    path("applications/<slug:reference>/withdraw/", views.withdraw, name="withdraw"),
    path("applications/<slug:reference>/team/", views.team, name="team"),
    path("applications/<slug:reference>/team/<int:pk>/", views.member, name="member"),
    path("applications/<slug:reference>/endorse/", views.endorse, name="endorse"),
    path("applications/<slug:reference>/endorse/ask/", views.ask_endorsement, name="ask_endorsement"),
    path("applications/<slug:reference>/hand-over/", views.hand_over, name="hand_over"),
    path("applications/<slug:reference>/attachments/", views.attach, name="attach"),
    path("applications/<slug:reference>/attachments/<int:pk>/", views.attachment, name="attachment"),
    path("applications/<slug:reference>/attachments/<int:pk>/remove/", views.detach, name="detach"),
    path("applications/<slug:reference>/questions/<int:pk>/", views.answer, name="answer"),
    path("applications/<slug:reference>/changes/", views.changes, name="changes"),
    path("applications/<slug:reference>/copy/", views.copy, name="copy"),
    path("applications/<slug:reference>/answers.pdf", views.answers_pdf, name="answers_pdf"),
    path("invitations/<str:code>/", views.invitation, name="invitation"),
]
