"""What is sent with a file: its purpose, or which earlier file is attached again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Purpose


class AttachForm(forms.Form):
    """`again` names an attachment of another application; a new file needs a purpose."""

    purpose = forms.ChoiceField(choices=Purpose.choices, required=False, error_messages={"invalid_choice": _("Say what the file is for.")})
    again = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not found.get("again") and not found.get("purpose"):
            self.add_error("purpose", str(_("Say what the file is for.")))
        return found
