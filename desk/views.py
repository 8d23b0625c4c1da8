"""Pages that look across everything."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came with a token that no longer counts. Nothing was saved; the browser's Back button brings the text back."""
    return render(request, "desk/form_expired.html", status=403)
