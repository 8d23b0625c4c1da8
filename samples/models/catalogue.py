"""Missions and samples: what is in the catalogue."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from samples.models.choices import BALANCES, LOANABLE, Form, Method, Purpose, Standing

NUMBER_PATTERN = r"^[A-Z0-9][A-Z0-9-]{2,39}$"  # what may stand in an address; the known pattern of numbers is in samples/numbers.py


class MissionQuerySet(models.QuerySet["Mission"]):
    def for_list(self) -> MissionQuerySet:
        """Missions in order of launch, with what the public may know of their listed samples.

        A daughter's mass is part of what was once weighed into its pool, so the sums count only samples whose parent is not
        itself in the catalogue.
        """
        top = Q(samples__parent=None)
        figures = {
            "sample_count": models.Count("samples"),
            "sum_left_ug": Coalesce(Sum(F("samples__vault_ug") + F("samples__earmarked_ug") + F("samples__unseen_ug"), filter=top), 0),
            "sum_held_ug": Coalesce(Sum(F("samples__held_ug") - F("samples__unseen_ug"), filter=top), 0),
            "sum_on_loan_ug": Coalesce(Sum("samples__on_loan_ug", filter=top), 0),
        }
        return self.annotate(**figures).order_by("launched_at")


class Mission(models.Model):
    """A flight that brought samples home, with the published facts."""

    slug = models.SlugField(_("short name"), unique=True)
    code = models.CharField(_("code in sample numbers"), max_length=3, unique=True)
    name_en = models.CharField(_("name in English"), max_length=60)
    name_zh = models.CharField(_("name in Chinese"), max_length=60)
    launched_at = models.DateTimeField(_("launched"))
    is_launch_time_known = models.BooleanField(_("time of launch published"), default=True)
    landed_at = models.DateTimeField(_("landed on the Moon"))
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=4)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=4)
    returned_at = models.DateTimeField(_("back on Earth"))
    is_return_time_known = models.BooleanField(_("time of return published"), default=True)
    mass_g = models.DecimalField(_("mass brought back in grams"), max_digits=7, decimal_places=1)
    scoops = models.PositiveSmallIntegerField(_("scoops"))
    site_en = models.CharField(_("landing site in English"), max_length=200)
    site_zh = models.CharField(_("landing site in Chinese"), max_length=200)
    drill_en = models.CharField(_("drill core in English"), max_length=200)
    drill_zh = models.CharField(_("drill core in Chinese"), max_length=200)
    age_en = models.CharField(_("age in English"), max_length=200)
    age_zh = models.CharField(_("age in Chinese"), max_length=200)
    source = models.TextField(_("sources"))

    objects = MissionQuerySet.as_manager()

    sample_count: int  # these four by for_list()
    sum_left_ug: int
    sum_held_ug: int
    sum_on_loan_ug: int

    class Meta:
        verbose_name = _("mission")
        verbose_name_plural = _("missions")
        ordering = ("launched_at",)

    def __str__(self) -> str:
        return self.name_en

    def shown(self) -> tuple[object, ...]:
        """What a page says of it: with it the page's tag changes."""
        return tuple(value for name, value in sorted(self.__dict__.items()) if not name.startswith("_"))


class SampleQuerySet(models.QuerySet["Sample"]):
    """Reads of the catalogue. Every sample is public; figures that betray an unannounced decision are not, so no read here filters
    or sorts by the vault, the earmark or the unseen part alone."""

    def available(self) -> SampleQuerySet:
        """Samples of which the public sees something left."""
        return self.filter(Q(vault_ug__gt=0) | Q(earmarked_ug__gt=0) | Q(unseen_ug__gt=0))

    def offerable(self, purpose: Purpose) -> SampleQuerySet:
        """Samples that a round of this purpose may offer: of that purpose (Art. 10), with a known mass."""
        return self.filter(purpose=purpose, is_mass_known=True) if purpose in LOANABLE else self.none()

    def matching(self, *, q: str = "", mission: str = "", method: str = "", form: str = "", available: bool = False) -> SampleQuerySet:
        """The catalogue's filters. `q` looks in the number (with it the container) and the note, in any letter case."""
        found = self
        if words := q.strip():
            number = "".join(words.split())  # numbers are typed with spaces between the parts: CE5 C 08 00
            found = found.filter(Q(number__icontains=number) | Q(note_en__icontains=words) | Q(note_zh__icontains=words))
        if mission:
            found = found.filter(mission__slug=mission)
        if method:
            found = found.filter(method=method)
        if form:
            found = found.filter(form=form)
        return found.available() if available else found

    def by_number(self) -> SampleQuerySet:
        """In the catalogue's order."""
        return self.order_by("number")

    def for_list(self) -> SampleQuerySet:
        """Samples with their missions, in the catalogue's order."""
        return self.select_related("mission").by_number()

    def for_page(self) -> SampleQuerySet:
        return self.select_related("mission", "parent")


class Sample(models.Model):
    """A sample under its number. Its balances are written by samples/ledger.py alone."""

    number = models.CharField(_("number"), max_length=40, unique=True, validators=[RegexValidator(NUMBER_PATTERN)])
    mission = models.ForeignKey(Mission, verbose_name=_("mission"), on_delete=models.PROTECT, related_name="samples")
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    form = models.CharField(_("form"), max_length=10, choices=Form.choices)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices, default=Purpose.RESEARCH)
    parent = models.ForeignKey("self", verbose_name=_("taken from"), null=True, blank=True, on_delete=models.PROTECT, related_name="daughters")
    source = models.TextField(_("source"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    note_zh = models.TextField(_("note in Chinese"), blank=True)
    is_mass_known = models.BooleanField(_("mass known"), default=False)
    is_synthetic_stock = models.BooleanField(_("demonstration stock"), default=False)

    vault_ug = models.BigIntegerField(default=0, editable=False)
    earmarked_ug = models.BigIntegerField(default=0, editable=False)  # recorded, not announced
    held_ug = models.BigIntegerField(default=0, editable=False)  # announced
    unseen_ug = models.BigIntegerField(default=0, editable=False)  # the part of held whose announcement is not visible yet
    on_loan_ug = models.BigIntegerField(default=0, editable=False)
    consumed_ug = models.BigIntegerField(default=0, editable=False)
    lost_ug = models.BigIntegerField(default=0, editable=False)
    kept_ug = models.BigIntegerField(default=0, editable=False)

    objects = SampleQuerySet.as_manager()

    mission_id: int
    parent_id: int | None

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ("number",)
        constraints = (
            *(models.CheckConstraint(condition=Q(**{f"{account}_ug__gte": 0}), name=f"sample_{account}_not_below_zero") for account in BALANCES),
            models.CheckConstraint(condition=Q(unseen_ug__gte=0, unseen_ug__lte=F("held_ug")), name="sample_unseen_is_part_of_held"),
            models.CheckConstraint(
                condition=Q(form=Form.POWDER)
                | Q(earmarked_ug=0, held_ug=0, on_loan_ug=0)
                | Q(vault_ug=0, held_ug=0, on_loan_ug=0)
                | Q(vault_ug=0, earmarked_ug=0, on_loan_ug=0)
                | Q(vault_ug=0, earmarked_ug=0, held_ug=0),
                name="sample_whole_piece_in_one_place",
            ),
            models.CheckConstraint(condition=Q(method__in=Method.values), name="sample_method_known"),
            models.CheckConstraint(condition=Q(form__in=Form.values), name="sample_form_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="sample_purpose_known"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="sample_not_its_own_parent"),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("samples:sample", args=[self.number])

    @property
    def is_divisible(self) -> bool:
        return self.form == Form.POWDER

    @property
    def is_offered_possible(self) -> bool:
        """Whether a round could offer it: an unknown mass and a sealed sample are never lent."""
        return self.is_mass_known and self.purpose in LOANABLE

    @property
    def left_ug(self) -> int:
        """What the public sees as left: the vault, and what only the office knows to be set aside."""
        return self.vault_ug + self.earmarked_ug + self.unseen_ug

    @property
    def shown_held_ug(self) -> int:
        """What the public sees as held."""
        return self.held_ug - self.unseen_ug

    @property
    def free_ug(self) -> int:
        """What the office can still promise."""
        return self.vault_ug

    @property
    def gone_ug(self) -> int:
        """Consumed, lost, or kept elsewhere for good."""
        return self.consumed_ug + self.lost_ug + self.kept_ug

    @property
    def present_ug(self) -> int:
        """What still exists of it, wherever it is: the mass of a whole piece."""
        return self.vault_ug + self.earmarked_ug + self.held_ug + self.on_loan_ug

    @property
    def total_ug(self) -> int:
        """All that was ever taken in, corrected: the sum of the accounts."""
        return self.present_ug + self.gone_ug

    @property
    def standing(self) -> Standing:
        """In one word for the label, from public figures alone."""
        if not self.is_mass_known:
            return Standing.UNKNOWN
        if self.purpose not in LOANABLE:
            return Standing.SEALED
        if self.left_ug:
            return Standing.LEFT
        if self.shown_held_ug:
            return Standing.HELD
        return Standing.ON_LOAN if self.on_loan_ug else Standing.GONE

    @property
    def standing_tone(self) -> str:
        """The colour of that label."""
        return {Standing.LEFT: "good", Standing.HELD: "now", Standing.ON_LOAN: "warn"}.get(self.standing, "")

    def shown(self) -> tuple[object, ...]:
        """What a row of the catalogue says: with it, and nothing else, the page's tag changes."""
        return (
            self.number,
            self.mission_id,
            self.method,
            self.form,
            self.standing,
            self.is_synthetic_stock,
            self.left_ug,
            self.shown_held_ug,
            self.on_loan_ug,
            self.gone_ug,
        )

    def facts(self) -> tuple[object, ...]:
        """What its own page says besides."""
        return (self.parent_id, self.purpose, self.source, self.note_en, self.note_zh, *self.mission.shown())
