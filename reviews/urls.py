"""The addresses of reviews: the experts' and the office's."""

from django.urls import path

from reviews.views import announcing, asking, assignment, attachments, check, deciding, experts, letters

app_name = "reviews"
office = "rounds/<slug:slug>/office/"

urlpatterns = [
    path("reviews/", experts.queue, name="queue"),
    path("reviews/<int:pk>/", experts.review, name="review"),
    path("reviews/<int:pk>/attachments/<int:file>/", attachments.review_attachment, name="attachment"),
    path("reviews/<int:pk>/declare/", experts.declare, name="declare"),
    path("reviews/<int:pk>/conflict/", experts.conflict, name="conflict"),
    path(f"{office}cases/<slug:reference>/attachments/<int:file>/", attachments.case_attachment, name="case_attachment"),
    path(f"{office}check/", check.check, name="check"),
    path(f"{office}check/<slug:reference>/", check.check_one, name="check_one"),
    path(f"{office}check/<slug:reference>/ask/", asking.ask, name="ask"),
    path(f"{office}check/<slug:reference>/ask/<int:pk>/read/", asking.read, name="read_answer"),
    path(f"{office}check/<slug:reference>/mails/<int:pk>/", asking.resend, name="resend"),
    path(f"{office}experts/", assignment.experts, name="experts"),
    path(f"{office}experts/<slug:reference>/", assignment.experts_one, name="experts_one"),
    path(f"{office}votes/", deciding.votes, name="votes"),
    path(f"{office}votes/<slug:reference>/", deciding.votes_one, name="votes_one"),
    path(f"{office}decisions/", deciding.decisions, name="decisions"),
    path(f"{office}decisions/<slug:reference>/", deciding.decisions_one, name="decisions_one"),
    path(f"{office}announce/", announcing.announce, name="announce"),
    path(f"{office}letters/", letters.letters, name="letters"),
    path(f"{office}letters/<slug:number>.pdf", letters.letter_pdf, name="letter_pdf"),
]
