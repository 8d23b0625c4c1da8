"""The portal with two more pages: forms that take long to fill in."""

from django.http import HttpResponse
from django.urls import include, path

from accounts.http import UserRequest
from accounts.kept import kept_text, login_required_keeping_text


@login_required_keeping_text
def long_form(request: UserRequest) -> HttpResponse:
    kept = kept_text(request)
    return HttpResponse(f"saved {request.POST['text']}" if request.method == "POST" else f"kept {dict(kept) if kept is not None else None}")


urlpatterns = [path("long-form/", long_form), path("other-form/", long_form), path("", include("lunarloans.urls"))]
