"""Writing an application: whatever was typed is saved, right or wrong, and nobody's words are overwritten unseen."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists
from django.utils import timezone

from accounts.models import User
from applications import workflow as steps
from applications.actions.situations import InstitutionKnown, RoundNotOpen, StaleTab, TooMuchText, too_late_or_moved
from applications.models import (
    Application,
    Attachment,
    ReferenceCounter,
    Request,
    Saving,
    Version,
    choosable_institutions,
    draft_version,
)
from applications.questions import (
    COLUMNS,
    FALLBACKS,
    LONGEST_KEPT,
    WANTED,
    Kind,
    asked_lines,
    line_name,
    parts_of,
    split_line_name,
)
from institutions.actions import create_institution
from institutions.models import Country, Institution
from rounds.models import Round
from samples.masses import mass_or_none, spell_mg
from samples.models import Form, Sample
from workflow.transitions import NotPossibleNow

GROWS = timedelta(minutes=2)  # savings of one person within this time become one entry of the history
MISTAKE = 20  # characters that may go before an entry counts as shrunk
FORMS_IN_ORDER = (Form.POWDER, Form.CLAST, Form.SECTION)  # as the catalogue speaks of them
ATTEMPTS = 20  # of a saving that meets others


@transaction.atomic
def start_application(round: Round, *, by: User, institution: Institution | None = None) -> Application:
    """A new draft with its reference. Raises RoundNotOpen outside the round's time."""
    if not Round.objects.open().filter(pk=round.pk).exists():
        raise RoundNotOpen
    application = Application(reference=ReferenceCounter.next_reference("LSA"), round=round, owner=by)
    application.save(force_insert=True)
    answers = {"legal_representative": institution.legal_representative} if institution and institution.legal_representative else {}
    draft = Version(application=application, number=1, institution=institution, answers=answers)
    draft.save(force_insert=True)
    if answers:  # what stands before the first word belongs to the history: putting an earlier state back must not blank it
        Saving(version=draft, revision=0, answers=draft.all_answers(), by=by).save(force_insert=True)
    return application


@transaction.atomic
def start_version(application: Application, *, by: User) -> Version:
    """The draft version to write in: the one that exists, or a copy of what was handed in last.

    Raises RoundClosed when nothing could be handed in any more, NotPossibleNow when the status does not let it.
    """
    draft = draft_version(application)
    if draft is not None:
        return draft
    if not application.is_editable() or application.current is None:
        raise too_late_or_moved(application)
    last = application.current
    draft = Version(
        application=application,
        number=last.number + 1,
        institution=last.institution,
        answers=last.answers,
        saved_by=by,
        **{name: getattr(last, name) for name in COLUMNS},
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:  # another tab was faster; its draft is ours
        found = draft_version(application)
        if found is None:
            raise NotPossibleNow from None
        return found
    copy_lines(last, draft)
    name_files(draft, last.attachments.all())
    Saving(version=draft, revision=0, answers=draft.all_answers(), by=by).save(force_insert=True)
    return draft


def copy_lines(source: Version, to: Version) -> None:
    """The samples that one version asks for, in another one."""
    Request.objects.bulk_create(
        [
            Request(
                version=to, sample_id=line.sample_id, position=line.position, mass_ug=line.mass_ug, least_ug=line.least_ug, fallback=line.fallback
            )
            for line in source.requests.all()
        ]
    )


def name_files(version: Version, files: Iterable[Attachment]) -> None:
    """Let a version name the same files as another one, in the same order."""
    Attachment.objects.bulk_create(
        [
            Attachment(version=version, upload_id=row.upload_id, purpose=row.purpose, name=row.name, position=position)
            for position, row in enumerate(files)
        ]
    )


# --- Saving ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """How a draft stands after a saving.

    `conflicts`: answers that were not stored, because somebody else saved another text since the writer read it, with that text; the
    writer's own text is kept aside in the history.
    """

    version: Version
    revision: int
    at: datetime
    conflicts: dict[str, str] = field(default_factory=dict)


def tidy(text: str) -> str:
    """One kind of line end, and nothing that the database cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.encode("utf-8", "ignore").decode()


def known_names(round: Round) -> frozenset[str]:
    """The answers that a form of this round may send, those about single samples apart."""
    return frozenset(question.name for part in parts_of(round.kind).values() for question in part.questions if question.kind is not Kind.COLUMN)


def base_of(text: str) -> str:
    """A short fingerprint of a text: a form sends along which text its reader saw, so that a newer one is told apart."""
    return hashlib.sha256(tidy(text).encode()).hexdigest()[:16]


@transaction.atomic
def save_answers(version: Version, *, by: User, answers: Mapping[str, str], bases: Mapping[str, str]) -> Saved:
    """Save what was typed, valid or not. Only answers that the writer has changed are written.

    `bases` holds for each answer the fingerprint (`base_of`) of the text that the writer saw before typing. An answer that was not
    touched is passed over; one that somebody else has changed meanwhile is not overwritten: see Saved. Names that the form does not
    have are passed over. Raises RoundClosed, NotPossibleNow or TooMuchText; then nothing has changed.
    """
    touched = {name: text for name, text in answers.items() if base_of(text) != bases.get(name)}
    return _write(version, by=by, seen_revision=-1, answers=touched, bases=bases)


@transaction.atomic
def revise_application(version: Version, *, by: User, seen_revision: int, **answers: str) -> Saved:
    """Save answers, all or none: raises StaleTab when somebody saved another text for one of them since `seen_revision`."""
    return _write(version, by=by, seen_revision=seen_revision, answers=answers, is_strict=True)


@transaction.atomic
def choose_institution(version: Version, *, by: User, seen_revision: int, institution: Institution) -> Saved:
    """Name the institution that will sign. Raises StaleTab when somebody chose another one meanwhile."""
    return _write(version, by=by, seen_revision=seen_revision, answers={}, institution=institution, is_strict=True)


@transaction.atomic
def revise_requests(version: Version, *, by: User, seen_revision: int, lines: Sequence[tuple[Sample, int]]) -> Saved:
    """Save the samples asked for: pairs of sample and micrograms; all others are not asked for any more. All or none."""
    stored = Version.objects.get(pk=version.pk).answers
    answers = {key: "" for key in stored if (split := split_line_name(key)) and split[1] in ("place", "mass", "least")}
    for sample, mass_ug in lines:
        answers[line_name(sample.number, "place")] = WANTED
        answers[line_name(sample.number, "mass")] = spell_mg(mass_ug).replace(",", "") if sample.is_divisible else ""
    return _write(version, by=by, seen_revision=seen_revision, answers=answers, is_strict=True)


@transaction.atomic
def restore_answers(version: Version, *, by: User, saving: Saving, names: Sequence[str]) -> Saved:
    """Put earlier texts back: the named answers as they stood after that saving, or as they were kept aside. The present ones stay in
    the history."""
    then = saving.answers if saving.is_aside else answers_at(version, saving.revision)
    present = Version.objects.get(pk=version.pk)
    return _write(version, by=by, seen_revision=present.revision, answers={name: then.get(name, "") for name in names}, bases=None)


def answers_at(version: Version, revision: int) -> dict[str, str]:
    """All answers as they stood in a revision, folded from the savings."""
    answers: dict[str, str] = {}
    for saving in version.savings.filter(revision__lte=revision, is_aside=False).order_by("revision", "pk"):
        answers |= saving.answers
    return answers


@transaction.atomic
def enter_institution(
    version: Version, *, by: User, seen_revision: int, name_en: str, name_local: str, kind: str, country: Country | None
) -> Institution:
    """Enter an institution that the register does not have, unverified, and choose it. All or nothing: nothing is entered by an older
    tab or after the deadline. Raises InstitutionKnown for one that the applicant could have chosen."""
    may_choose = choosable_institutions(by)
    known = may_choose.match(name_en, country) or may_choose.match(name_local, country)
    if known is not None:
        raise InstitutionKnown(known)
    institution = create_institution(name_en=name_en, name_local=name_local, kind=kind, country=country, by=by)
    _write(version, by=by, seen_revision=seen_revision, answers={}, institution=institution, is_strict=True)
    return institution


def _write(
    version: Version,
    *,
    by: User,
    seen_revision: int,
    answers: Mapping[str, str],
    bases: Mapping[str, str] | None = None,
    institution: Institution | None = None,
    is_strict: bool = False,
) -> Saved:
    """The one place that writes a draft: read, compare, one conditional statement; again when somebody was faster.

    The conditions stand on the row itself: of two savers at once the second waits for the first and then looks at the row again,
    which PostgreSQL would not do behind a join.
    """
    if any(len(text) > LONGEST_KEPT for text in answers.values()):
        raise TooMuchText
    round = version.application.round
    may_send = known_names(round)
    typed = {name: tidy(text) for name, text in answers.items() if name in may_send or split_line_name(name)}
    for _attempt in range(ATTEMPTS):
        stored = Version.objects.select_related("institution").get(pk=version.pk)
        changed = {name: text for name, text in typed.items() if stored.answer(name) != text}
        conflicts = {name: stored.answer(name) for name in changed if _is_unseen(stored, name, seen_revision, bases)}
        is_other = institution is not None and institution.pk != stored.institution_id
        if is_strict and (conflicts or (is_other and _is_unseen(stored, "institution", seen_revision, None))):
            raise StaleTab(_with_answers(stored))
        write = {name: text for name, text in changed.items() if name not in conflicts}
        if not write and not is_other:
            _refuse_if_late(stored)
            _keep_aside(stored, {name: typed[name] for name in conflicts}, by=by)
            return Saved(stored, stored.revision, stored.saved_at, conflicts)
        done = _store(stored, version.application, write, institution if is_other else None, by)
        if done is None:
            continue
        _keep_aside(done, {name: typed[name] for name in conflicts}, by=by)
        _remember(done, dict(write) | ({"institution": institution.name_en} if institution and is_other else {}), by=by)
        if any(split_line_name(name) for name in write):
            derive_requests(done)
        return Saved(done, done.revision, done.saved_at, conflicts)
    raise NotPossibleNow


def _is_unseen(stored: Version, name: str, seen_revision: int, bases: Mapping[str, str] | None) -> bool:
    """Whether somebody has saved another text than the writer saw."""
    if bases is not None:
        return base_of(stored.answer(name)) != bases.get(name, base_of(""))
    return stored.marks.get(name, 0) > seen_revision


def _with_answers(stored: Version) -> Version:
    found: Version = Version.objects.with_answers().get(pk=stored.pk)
    return found


def _refuse_if_late(stored: Version) -> None:
    application = Application.objects.select_related("round").get(pk=stored.application_id)
    if stored.submitted_at is not None or not application.is_editable():
        raise too_late_or_moved(application)


def _store(stored: Version, application: Application, write: Mapping[str, str], institution: Institution | None, by: User) -> Version | None:
    """One conditional statement: only a draft of an editable application, only if nobody saved since it was read. None: try again."""
    now = timezone.now()
    fresh = Application.objects.select_related("round").get(pk=application.pk)
    if stored.submitted_at is not None or not fresh.is_editable(now):
        raise too_late_or_moved(fresh)
    columns: dict[str, object] = {name: text for name, text in write.items() if name in COLUMNS}
    answers = stored.answers | {name: text for name, text in write.items() if name not in COLUMNS}
    answers = {name: text for name, text in answers.items() if text}
    revision = stored.revision + 1
    names = [*write, *(["institution"] if institution else [])]
    if institution:
        columns["institution"] = institution
    columns |= {"answers": answers, "marks": stored.marks | dict.fromkeys(names, revision)}
    columns |= {"revision": revision, "saved_at": now, "saved_by": by}
    editable = Application.objects.filter(pk=application.pk, status__in=steps.EDITABLE)
    if not Version.objects.drafts().filter(Exists(editable), pk=stored.pk, revision=stored.revision).update(**columns):
        return None
    for name, value in columns.items():
        setattr(stored, name, value)
    stored.application = fresh
    return stored


def _remember(version: Version, entry: dict[str, str], *, by: User) -> None:
    """Keep the state in the history: the writer's own last entry grows while nobody else has written, or a new one begins. A text that
    shrinks begins a new one: whoever deletes a page by mistake finds it in the entry before."""
    now = version.saved_at
    last = version.savings.filter(is_aside=False).order_by("-revision", "-pk").first()
    is_own = last is not None and last.by_id == by.pk and last.revision > 0 and now - last.began_at < GROWS
    if last and is_own and all(len(text) >= len(last.answers.get(name, "")) - MISTAKE for name, text in entry.items()):
        last.answers, last.revision, last.at = last.answers | entry, version.revision, now
        last.save(update_fields=["answers", "revision", "at"])
        return
    Saving(version=version, revision=version.revision, answers=entry, by=by, began_at=now, at=now).save(force_insert=True)


def _keep_aside(version: Version, texts: dict[str, str], *, by: User) -> None:
    """Keep texts that were not stored, because somebody else had stored others: one entry per person while they go on typing."""
    if not texts:
        return
    now = timezone.now()
    last = version.savings.filter(is_aside=True, by=by, began_at__gt=now - GROWS).order_by("-pk").first()
    if last:
        last.answers, last.revision, last.at = last.answers | texts, version.revision, now
        last.save(update_fields=["answers", "revision", "at"])
        return
    Saving(version=version, revision=version.revision, answers=texts, is_aside=True, by=by, began_at=now, at=now).save(force_insert=True)


def derive_requests(version: Version) -> None:
    """The lines that the office counts with, from what was typed. A line whose mass is not understood yet has none."""
    asked = list(asked_lines(version.answers))
    samples = Sample.objects.in_bulk([number for number, _place in asked], field_name="number")
    rows: list[Request] = []
    for number, place in asked:
        sample = samples.get(number)
        if sample is None or place not in (WANTED, *FALLBACKS):
            continue
        mass_ug = mass_or_none(version.answers.get(line_name(number, "mass"), "")) if sample.is_divisible else sample.present_ug
        if not mass_ug:
            continue
        least_ug = mass_or_none(version.answers.get(line_name(number, "least"), "")) if sample.is_divisible else None
        rows.append(
            Request(
                version=version,
                sample=sample,
                mass_ug=mass_ug,
                least_ug=least_ug if least_ug and least_ug <= mass_ug else None,
                fallback=0 if place == WANTED else int(place),
            )
        )
    rows.sort(key=lambda row: (row.fallback, FORMS_IN_ORDER.index(row.sample.form), row.sample.number))
    for position, row in enumerate(rows):
        row.position = position
    version.requests.all().delete()
    Request.objects.bulk_create(rows)
