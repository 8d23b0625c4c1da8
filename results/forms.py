"""The words of an administrator who publishes a list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PublishForm(forms.Form):
    """A note in both languages; needed as soon as a version corrects another."""

    digest = forms.CharField(widget=forms.HiddenInput)
    note_en = forms.CharField(label=_("Note in English"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    note_zh = forms.CharField(label=_("Note in Chinese"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, is_correction: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("note_en", "note_zh"):
            self.fields[name].required = is_correction
            if is_correction:
                self.fields[name].help_text = _("What this version corrects. Everybody can read it.")
