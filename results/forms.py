"""The words of an administrator who publishes a list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rounds.forms import BeijingMomentField

LATER = "later"


class PublishForm(forms.Form):
    """A note in both languages, needed as soon as a version corrects another; and the moment, where it is not to be at once."""

    digest = forms.CharField(widget=forms.HiddenInput)
    note_en = forms.CharField(label=_("Note in English"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    note_zh = forms.CharField(label=_("Note in Chinese"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    publishes_at = BeijingMomentField(
        label=_("Publish at a set moment"),
        required=False,
        help_text=_("Beijing time (UTC+8). Until then it can be recalled; at that moment it is judged once more."),
    )

    def __init__(self, *args: Any, is_correction: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_for_later = self.data.get("way") == LATER
        self.fields["publishes_at"].required = self.is_for_later
        self.fields["publishes_at"].error_messages |= {
            "required": _("Enter the day and the time, or publish the list at once."),
            "incomplete": _("Enter the day and the time, or publish the list at once."),
        }
        for name in ("note_en", "note_zh"):
            self.fields[name].required = is_correction
            if is_correction:
                self.fields[name].help_text = _("What this version corrects. Everybody can read it.")
