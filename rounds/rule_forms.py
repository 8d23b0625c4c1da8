"""The words of an administrator about the rules by which a round allots: in force or off, the figure, what follows, and how it is said."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rounds.models import Round
from rounds.rules import BY_SHARE, TENTH_PPM, RuleKind, Severity, spell_limit
from rounds.usual_rules import RuleDraft, usual_rules
from samples.masses import NotAMass, parse_mg, spell_mg

FIGURE = "{limit}"
FOLLOWS = [(severity.value, severity.label) for severity in (Severity.PANEL, Severity.REFUSED)]
NEEDED = _("Write the rule in this language, with %(figure)s where the figure stands.")


class ShareField(forms.DecimalField):
    """Percent on the page, whole parts per million in `cleaned_data`."""

    unit = "%"

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=Decimal("0.1"), max_value=100, decimal_places=1, localize=False, **options)
        self.widget.attrs |= {"inputmode": "decimal"}

    def clean(self, value: Any) -> Any:
        percent = super().clean(str(value or "").replace("%", "").strip())
        return None if percent is None else int(percent * 10) * TENTH_PPM


class MassField(forms.CharField):
    """Milligrams on the page, micrograms in `cleaned_data`."""

    unit = "mg"

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_mg(text)
        except NotAMass as problem:
            raise ValidationError(str(problem)) from None


def limit_field(kind: str) -> forms.Field:
    """The figure of a rule of this kind."""
    return ShareField(label=_("Limit")) if kind in BY_SHARE else MassField(label=_("Limit"), max_length=30)


class RuleForm(forms.Form):
    """One rule that the round may give itself."""

    is_on = forms.BooleanField(label=_("In force"), required=False)
    severity = forms.ChoiceField(label=_("What follows"), choices=FOLLOWS)
    text_en = forms.CharField(label=_("Rule in English"), max_length=300)
    text_zh = forms.CharField(label=_("Rule in Chinese"), max_length=300)

    use_required_attribute = False

    def __init__(self, data: Any = None, *, draft: RuleDraft, initial: Mapping[str, Any] | None = None) -> None:
        self.draft_before = draft
        stored = {name: draft[name] for name in ("is_on", "severity", "text_en", "text_zh")}
        super().__init__(
            data, prefix=f"rule-{draft['code']}", initial=stored | {"limit": figure_of(draft["limit_ppm"], draft["limit_ug"])} | dict(initial or {})
        )
        self.fields["limit"] = limit_field(draft["kind"])

    @property
    def is_share(self) -> bool:
        return self.draft_before["kind"] in BY_SHARE

    @property
    def code(self) -> str:
        return self.draft_before["code"]

    @property
    def title(self) -> str:
        return str(RuleKind(self.draft_before["kind"]).label)

    def clean_text_en(self) -> str:
        return self._text("text_en")

    def clean_text_zh(self) -> str:
        return self._text("text_zh")

    def _text(self, name: str) -> str:
        """The figure is filled in, so that no text promises another one than is evaluated."""
        text = str(self.cleaned_data[name])
        if FIGURE not in text:
            raise ValidationError(NEEDED % {"figure": FIGURE})
        return text

    def draft(self) -> RuleDraft:
        said = self.cleaned_data
        limit = {"limit_ppm": said["limit"], "limit_ug": None} if self.is_share else {"limit_ppm": None, "limit_ug": said["limit"]}
        words = {name: said[name] for name in ("is_on", "severity", "text_en", "text_zh")}
        draft: RuleDraft = {**self.draft_before, **words, **limit}  # type: ignore[typeddict-item]
        return draft

    def as_typed(self) -> dict[str, Any]:
        return {name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name)) for name, field in self.fields.items()}


def figure_of(limit_ppm: int | None, limit_ug: int | None) -> str:
    """What stands in the field of the figure."""
    if limit_ppm is not None:
        whole, rest = divmod(limit_ppm, 10 * TENTH_PPM)
        return f"{whole}.{rest // TENTH_PPM}" if rest else str(whole)
    return spell_mg(limit_ug or 0).replace(",", "")


class RuleForms:
    """The rules of a round's form: those that stand everywhere to be read, and those that the round may give itself as rows.

    A row that a page did not send keeps what is stored.
    """

    def __init__(self, data: Any = None, *, round: Round | None, typed: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        drafts = drafts_of(round)
        self.standing = [spelled(draft) for draft in drafts if draft["basis"] != "round"]
        self.drafts_before = drafts
        self.rows = [
            RuleForm(
                data if data is not None and f"rule-{draft['code']}-text_en" in data else None, draft=draft, initial=(typed or {}).get(draft["code"])
            )
            for draft in drafts
            if draft["basis"] == "round"
        ]

    def __iter__(self) -> Iterator[RuleForm]:
        return iter(self.rows)

    @property
    def has_errors(self) -> bool:
        return any(row.errors for row in self.rows if row.is_bound)

    def is_valid(self) -> bool:
        """Each row, and no two rules that measure the same and have the same consequence: every rule stands once."""
        sent = {row.code: row for row in self.rows if row.is_bound}
        stands = {(draft["kind"], draft["severity"]) for draft in self.drafts_before if draft["code"] not in sent}
        for row in sent.values():
            if row.is_valid():
                pair = (row.draft_before["kind"], row.cleaned_data["severity"])
                if pair in stands:
                    row.add_error("severity", _("Another rule measures the same and has the same consequence. Choose the other one."))
                stands.add(pair)
        return not self.has_errors

    def drafts(self) -> list[RuleDraft]:
        changed = {row.code: row.draft() for row in self.rows if row.is_bound}
        return [changed.get(draft["code"], draft) for draft in self.drafts_before]

    def as_typed(self) -> dict[str, dict[str, Any]]:
        return {row.code: row.as_typed() for row in self.rows if row.is_bound}


def drafts_of(round: Round | None) -> Sequence[RuleDraft]:
    """What stands in the form: the round's own rules; the usual ones for a new round, and for one from before there were rules."""
    names = RuleDraft.__annotations__
    stored = [] if round is None else [RuleDraft(**{name: getattr(rule, name) for name in names}) for rule in round.rules.all()]  # type: ignore[typeddict-item]
    return stored or usual_rules()


def spelled(draft: RuleDraft) -> dict[str, Any]:
    """A rule as it is read: with its figure in the text."""
    limit = spell_limit(draft["limit_ppm"], draft["limit_ug"])
    return {**draft, "words_en": draft["text_en"].replace(FIGURE, limit), "words_zh": draft["text_zh"].replace(FIGURE, limit)}
