"""The form with which a letter that has left is replaced or revoked."""

from django import forms
from django.utils.translation import gettext_lazy

from reviews.forms import OfficeForm


class ReplaceForm(OfficeForm):
    """Why; the reason of a revocation is sent to the readers, that of a new letter stays in the history."""

    note = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It stays in the history of the letter. If you revoke the letter, its readers get the reason by mail."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
