"""Starting from an earlier application: what was written is taken along, what has to be said anew is not."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions.situations import RoundNotOpen
from applications.actions.writing import derive_requests, name_files, start_application
from applications.models import Application, Saving, Version, choosable_institutions, draft_version, offered_samples
from applications.questions import COLUMNS, parts_of, split_line_name
from rounds.models import Round


class OtherKind(Exception):
    """An exhibition is asked other questions than research. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("The round is for another kind of loan and asks other questions, so this application cannot be copied into it."))


@dataclass(frozen=True)
class Copied:
    """The new draft, and what could not be taken along."""

    application: Application
    samples_left_out: list[str]
    files_left_out: list[str]
    institution_left_out: str = ""


@transaction.atomic
def copy_application(source: Application, round: Round, *, by: User) -> Copied:
    """A new draft of a round with the answers of an earlier application. Raises RoundNotOpen or OtherKind; then nothing was made.

    Not copied: declarations, samples that the round does not offer, files that somebody else uploaded, and an institution that the
    round is not for or that the person may not choose.
    """
    if round.kind != source.round.kind:
        raise OtherKind
    version = Version.objects.with_answers().filter(application=source).order_by("-number").first()
    if version is None:
        raise RoundNotOpen
    institution = version.institution.survivor if version.institution else None
    may_choose = institution is not None and round.admits(institution) and choosable_institutions(by).filter(pk=institution.pk).exists()
    application = start_application(round, by=by, institution=institution if may_choose else None)
    draft = draft_version(application)
    assert draft is not None
    offered = {sample.number for sample in offered_samples(round)}
    declared = {question.name for question in parts_of(round.kind)["declarations"].questions}
    lines = {name: split[0] for name in version.answers if (split := split_line_name(name))}
    kept = {name: text for name, text in version.answers.items() if name not in declared and lines.get(name, "") in offered | {""}}
    draft.answers = draft.answers | kept
    draft.revision, draft.saved_by = 1, by
    for name in COLUMNS:
        setattr(draft, name, getattr(version, name))
    draft.save(update_fields=["answers", "revision", "saved_by", *COLUMNS])
    derive_requests(draft)
    own = [row for row in version.attachments.all() if row.upload.by_id == by.pk]
    name_files(draft, own)
    Saving(version=draft, revision=1, answers=draft.all_answers(), by=by).save(force_insert=True)
    return Copied(
        application,
        samples_left_out=sorted(set(lines.values()) - offered),
        files_left_out=[row.name for row in version.attachments.all() if row not in own],
        institution_left_out=institution.name if institution and not may_choose else "",
    )
