"""A round is a call: which samples, for whom, from when to when, by which rules."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.templatetags.portal import in_language
from institutions.models import Institution
from rounds.rules import BY_MASS, BY_SHARE, TONES, WHOLE_PPM, Basis, Limit, RuleKind, Severity, spell_limit
from samples.models import Mission, Sample
from workflow.models import AppendOnlyModel

# Hong Kong and Macao apply with the mainland: the University of Hong Kong received its samples in a domestic round (2023).
DOMESTIC_CODES = frozenset({"CN", "HK", "MO"})


class Audience(models.TextChoices):
    DOMESTIC = "domestic", _("Institutions in China")
    INTERNATIONAL = "international", _("Institutions outside China and international organisations")
    BOTH = "both", _("Institutions everywhere")


class Kind(models.TextChoices):
    """What a loan is for (Art. 13): each kind offers only samples kept for that purpose (Art. 10)."""

    RESEARCH = "research", _("Research")
    PUBLIC_WELFARE = "public_welfare", _("Exhibition and education")


class Discussion(models.TextChoices):
    """From when on an expert sees the other reviews of an application and may discuss it. Before the own review is filed: never."""

    AFTER_OWN = "after_own", _("When the own review is filed")
    AFTER_ALL = "after_all", _("When all reviews of the application are filed")
    NEVER = "never", _("Never: only officers and the chair see all reviews")


WAITS = {
    Discussion.AFTER_OWN: _("It opens when your own review is filed."),
    Discussion.AFTER_ALL: _("It opens when all reviews of this application are filed."),
    Discussion.NEVER: _("In this round experts do not see each other’s reviews; only officers and the chair do."),
}


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: object) -> Self:
        """Everyone sees a round from its opening; the office sees those that are being prepared as well."""
        if isinstance(user, User) and user.has_role(Role.ADMINISTRATOR, Role.OFFICER, Role.APPROVER):
            return self
        return self.filter(Q(is_public_record=True) | Q(opens_at__lte=timezone.now()))

    def open(self) -> Self:
        """Rounds that take applications at this moment."""
        now = timezone.now()
        return self.filter(is_public_record=False, opens_at__lte=now, closes_at__gt=now)

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def run_here(self) -> Self:
        """Rounds of this portal, without those that are only kept as public record."""
        return self.filter(is_public_record=False)

    def closed(self) -> Self:
        """Rounds of this portal that take no applications any more."""
        return self.run_here().filter(closes_at__lte=timezone.now())

    def for_list(self) -> Self:
        return self.select_related("mission").order_by(F("closes_at").desc(nulls_last=True), "-pk")

    def for_edit(self) -> Self:
        """All that the administrator's page shows of a round of this portal."""
        return self.run_here().select_related("mission").prefetch_related("samples", "criteria", "rules", "extensions__by", "changes__by")


class Round(models.Model):
    """One call. Its dates are instants; `closes_at` is exclusive: 24:00 of a day is stored as 00:00 of the next."""

    slug = models.SlugField(_("address"), max_length=60, unique=True, help_text=_("Part of the round's web address, for example 2026-1."))
    title_en = models.CharField(_("title in English"), max_length=200)
    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    audience = models.CharField(_("who may apply"), max_length=20, choices=Audience.choices, default=Audience.INTERNATIONAL)
    kind = models.CharField(_("kind of loan"), max_length=20, choices=Kind.choices, default=Kind.RESEARCH)
    mission = models.ForeignKey(Mission, verbose_name=_("mission"), on_delete=models.PROTECT, related_name="rounds")
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    corrections_close_at = models.DateTimeField(_("corrections close"), null=True, blank=True)
    reviews_due_at = models.DateTimeField(_("reviews due"), null=True, blank=True)
    signing_days = models.PositiveSmallIntegerField(_("working days to sign the agreement"), default=10, validators=[MinValueValidator(1)])
    loan_months = models.PositiveSmallIntegerField(_("months of a loan"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)])
    renewal_months = models.PositiveSmallIntegerField(_("months of the one renewal"), default=6, validators=[MaxValueValidator(60)])
    vote_numerator = models.PositiveSmallIntegerField(_("votes needed: numerator"), default=2, validators=[MinValueValidator(1)])
    vote_denominator = models.PositiveSmallIntegerField(_("votes needed: denominator"), default=3, validators=[MinValueValidator(1)])
    recall_minutes = models.PositiveSmallIntegerField(_("minutes in which an announcement can be recalled"), default=30)
    needs_endorsement = models.BooleanField(
        _("the institution must endorse"),
        default=False,
        help_text=_("An application can be submitted only after the signatory of its institution has endorsed it."),
    )
    reviews_per_application = models.PositiveSmallIntegerField(
        _("reviews per application"), default=3, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    discussion = models.CharField(_("discussion opens"), max_length=20, choices=Discussion.choices, default=Discussion.AFTER_OWN)
    samples = models.ManyToManyField(Sample, through="RoundSample", related_name="rounds")
    is_public_record = models.BooleanField(_("public record"), default=False, help_text=_("Held before this portal existed."))
    is_synthetic = models.BooleanField(_("synthetic"), default=False)
    revision = models.PositiveIntegerField(default=0, editable=False)  # counts revisions: an older tab is told apart by it
    created_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("created"), default=timezone.now)

    mission_id: int
    objects: ClassVar = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = (
            models.CheckConstraint(
                condition=Q(is_public_record=True) | Q(opens_at__isnull=False, closes_at__isnull=False, corrections_close_at__isnull=False),
                name="round_has_its_dates",
            ),
            models.CheckConstraint(condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")), name="round_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(corrections_close_at__isnull=True) | Q(corrections_close_at__gte=F("closes_at")), name="round_corrections_after_closing"
            ),
            models.CheckConstraint(
                condition=Q(vote_numerator__gte=1, vote_denominator__gte=F("vote_numerator")), name="round_vote_fraction_at_most_one"
            ),
        )

    def __str__(self) -> str:
        return self.title_en

    def is_open(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        return bool(self.opens_at and self.closes_at and self.opens_at <= at < self.closes_at)

    def is_closed(self, at: datetime | None = None) -> bool:
        return bool(self.closes_at and (at or timezone.now()) >= self.closes_at)

    def has_opened(self, at: datetime | None = None) -> bool:
        return self.is_public_record or bool(self.opens_at and (at or timezone.now()) >= self.opens_at)

    def admits(self, institution: Institution) -> bool:
        """Whether an institution belongs to the audience. An international organisation has no country and is never domestic."""
        is_domestic = institution.country_id in DOMESTIC_CODES
        return self.audience == Audience.BOTH or is_domestic == (self.audience == Audience.DOMESTIC)

    @property
    def discussion_words(self) -> str:
        """Why an expert does not see the other reviews yet."""
        return str(WAITS[Discussion(self.discussion)])

    def is_passed_by(self, *, present: int, recused: int, yes: int) -> bool:
        """The vote's rule: at least the fraction of those present and not recused; abstaining counts as present."""
        eligible = present - recused
        return eligible > 0 and yes * self.vote_denominator >= self.vote_numerator * eligible


class RoundSample(models.Model):
    """A sample that a round offers."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="offers")
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="offers")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "sample"), name="a_round_offers_a_sample_once"),)


class Criterion(models.Model):
    """What experts score from 1 to 5, with its weight in the mean."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title_en = models.CharField(_("criterion in English"), max_length=120)
    title_zh = models.CharField(_("criterion in Chinese"), max_length=120)
    text_en = models.CharField(_("explanation in English"), max_length=300, blank=True)
    text_zh = models.CharField(_("explanation in Chinese"), max_length=300, blank=True)
    # What each score from 1 to 5 means for this criterion: pairs of English and Chinese. Without them the usual words stand.
    anchors: "models.JSONField[list[list[str]], list[list[str]]]" = models.JSONField(_("meaning of each score"), default=list, blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)])

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("position", "pk")
        constraints = (models.CheckConstraint(condition=Q(weight__gte=1), name="criterion_weighs_something"),)

    def __str__(self) -> str:
        return self.title_en


class RuleQuerySet(models.QuerySet["Rule"]):
    def of(self, round: Round) -> Self:
        return self.filter(round=round)

    def on(self) -> Self:
        return self.filter(is_on=True)

    def limits(self) -> list[Limit]:
        """As they are evaluated, in the order of the round's page."""
        return [rule.limit for rule in self]


class Rule(models.Model):
    """A rule by which a round allots, with its reason in both languages. Stands as published once the round has opened.

    In the texts `{limit}` stands for the figure, so that no text can promise another one than is evaluated.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    code = models.SlugField(_("id"), max_length=40)
    kind = models.CharField(_("kind of rule"), max_length=20, choices=RuleKind.choices)
    severity = models.CharField(_("what follows"), max_length=10, choices=Severity.choices)
    limit_ppm = models.PositiveIntegerField(_("limit in parts per million"), null=True, blank=True)
    limit_ug = models.PositiveBigIntegerField(_("limit in micrograms"), null=True, blank=True)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis.choices, default=Basis.ROUND)
    article = models.CharField(_("article"), max_length=20, blank=True)
    source = models.URLField(_("source"), max_length=300, blank=True)
    text_en = models.CharField(_("rule in English"), max_length=300)
    text_zh = models.CharField(_("rule in Chinese"), max_length=300)
    is_on = models.BooleanField(_("in force"), default=False)
    weighed = models.PositiveIntegerField(default=0, editable=False)  # counts decisions that were weighed, so that two wait for each other

    objects: ClassVar = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("round", "code"), name="rule_has_its_own_id"),
            models.UniqueConstraint(fields=("round", "kind", "severity"), name="rule_stands_once"),
            models.CheckConstraint(condition=Q(kind__in=RuleKind.values, severity__in=Severity.values, basis__in=Basis.values), name="rule_known"),
            models.CheckConstraint(
                condition=Q(kind__in=BY_SHARE, limit_ppm__isnull=False, limit_ppm__gte=1, limit_ppm__lte=WHOLE_PPM, limit_ug__isnull=True)
                | Q(kind__in=BY_MASS, limit_ug__isnull=False, limit_ppm__isnull=True)
                | Q(kind=RuleKind.WHOLE_PIECES, limit_ppm__isnull=True, limit_ug__isnull=True),
                name="rule_has_the_limit_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(basis=Basis.MEASURES) & ~Q(article="")
                | Q(basis=Basis.NOTICE, article="") & ~Q(source="")
                | Q(basis=Basis.ROUND, article=""),
                name="rule_names_its_source",
            ),
            models.CheckConstraint(condition=Q(basis=Basis.ROUND) | Q(is_on=True), name="rule_of_law_is_in_force"),
            models.CheckConstraint(condition=~Q(text_en="") & ~Q(text_zh=""), name="rule_is_said_in_both_languages"),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.code}"

    @property
    def limit(self) -> Limit:
        """As it is evaluated."""
        return Limit(self.code, RuleKind(self.kind), Severity(self.severity), self.limit_ppm, self.limit_ug, self.mark)

    @property
    def mark(self) -> str:
        """Its article or source in a few words; a rule of the round is called so."""
        return mark_of(self.basis, self.article)

    @property
    def is_of_round(self) -> bool:
        """Whether the round gives it to itself, and may switch it."""
        return self.basis == Basis.ROUND

    @property
    def words_en(self) -> str:
        return self.text_en.replace("{limit}", spell_limit(self.limit_ppm, self.limit_ug))

    @property
    def words_zh(self) -> str:
        return self.text_zh.replace("{limit}", spell_limit(self.limit_ppm, self.limit_ug).replace(" %", "%"))

    @property
    def tone(self) -> str:
        return TONES[Severity(self.severity)]


def mark_of(basis: str, article: str) -> str:
    return gettext("Art. %(article)s of the Measures") % {"article": article} if basis == Basis.MEASURES else str(Basis(basis).label)


def words_of_finding(rule: Rule, number: str, sentence: str) -> str:
    """A rule that was not kept, for whoever reads of it later. A sum counts cases that this person may be shut out of: there the rule is told
    without what was found."""
    return f"{number}: {sentence}" if number else str(in_language(rule, "words"))


class OverrulingQuerySet(models.QuerySet["Overruling"]):
    def of(self, references: Collection[str]) -> Self:
        return self.filter(reference__in=references).select_related("rule", "by").order_by("pk")


class Overruling(AppendOnlyModel):
    """A refusing rule that a decision does not keep, with the reason. The application is known by its reference, as on a letter."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="overrulings")
    reference = models.CharField(_("reference"), max_length=20, db_index=True)
    decision = models.PositiveSmallIntegerField(_("number of the decision"))
    number = models.CharField(_("sample"), max_length=40, blank=True)  # empty: a rule about several samples
    found_en = models.CharField(_("what was found, in English"), max_length=300)
    found_zh = models.CharField(_("what was found, in Chinese"), max_length=300)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    objects: ClassVar = OverrulingQuerySet.as_manager()

    class Meta:
        verbose_name = _("overruled rule")
        verbose_name_plural = _("overruled rules")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("rule", "reference", "decision", "number"), name="rule_overruled_once_in_a_decision"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(reference=""), name="overruling_has_its_reason"),
        )

    def __str__(self) -> str:
        return f"{self.reference}:{self.decision} {self.rule_id}"

    @property
    def words(self) -> str:
        return words_of_finding(self.rule, self.number, in_language(self, "found"))


class Extension(AppendOnlyModel):
    """A later closing instant, given while the round is open, with the notice that the round's page shows."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="extensions")
    closed_at_before = models.DateTimeField(_("closing before"))
    closes_at = models.DateTimeField(_("new closing"))
    notice_en = models.TextField(_("notice in English"))
    notice_zh = models.TextField(_("notice in Chinese"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ("at",)


class RoundChange(AppendOnlyModel):
    """Who prepared, revised or extended a round, and what was changed: `changes` holds name to [before, after]."""

    class What(models.TextChoices):
        PREPARED = "prepared", _("Prepared")
        REVISED = "revised", _("Revised")
        EXTENDED = "extended", _("Extended")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(_("what happened"), max_length=20, choices=What.choices)
    changes: "models.JSONField[dict[str, list[Any]], dict[str, list[Any]]]" = models.JSONField(_("changes"), default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ("at", "pk")

    @property
    def is_revision(self) -> bool:
        """Whether something that stood before was changed."""
        return self.what != self.What.PREPARED
