"""Are the words right: the answer to a question of the office, and what an earlier application is copied into. Forms never save."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.portal import in_language
from applications.actions.asking import LONGEST_ANSWER
from rounds.models import Round


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST_ANSWER,
        help_text=_("It is sent to the office at once and cannot be changed afterwards."),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write the answer.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class CopyForm(forms.Form):
    """One of the open rounds of the same kind of loan."""

    round = forms.ChoiceField(label=_("Into which round?"), widget=forms.RadioSelect, error_messages={"required": _("Choose a round.")})

    def __init__(self, *args: Any, rounds: Sequence[Round], **options: Any) -> None:
        super().__init__(*args, **options)
        self.rounds = {round.slug: round for round in rounds}
        field = self.fields["round"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(slug, in_language(round, "title")) for slug, round in self.rounds.items()]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    @property
    def chosen(self) -> Round:
        return self.rounds[self.cleaned_data["round"]]
