"""Every address of the portal: each app's `urls.py` holds its own, as full paths from the root."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("institutions.urls")),
    path("", include("samples.urls")),
    path("", include("letters.urls")),
    path("", include("rounds.urls")),
    path("", include("applications.urls")),
    path("", include("reviews.urls")),
    path("", include("results.urls")),
    path("", include("loans.urls")),
    path("", include("desk.urls")),  # last: /rounds/new/ is a page of rounds, not a round called "new"
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]

handler500 = "desk.views.public.failed"
