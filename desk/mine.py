"""Everything that is kept about one person, as they may read it themselves: one small function per app, in the order of the apps.

Each reads through the same `visible_to` as the pages, so that no file tells what no page tells: no review of one's own application, no
decision before its announcement. A new app or table gets a function here and a line in SECTIONS.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import User
from accounts.orcid import orcid_of
from applications.models import Application, Endorsement, Member, Saving, Version
from institutions.models import Membership
from letters.models import Letter, Mail, Sending
from loans.models import Agreement, Promotion
from reviews.models import Review

Section = Callable[[User], Any]


def account(user: User) -> dict[str, Any]:
    return {
        "full_name": user.full_name,
        "native_name": user.native_name,
        "email": user.email,
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "orcid": orcid_of(user),
        "language": user.language,
        "time_zone": user.time_zone,
        "joined_at": user.joined_at,
        "last_sign_in_at": user.last_login,
        "second_factors": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "is_demonstration_account": user.is_synthetic,
    }


def roles(user: User) -> dict[str, Any]:
    """The roles held, and what was ever written down about the account. Who wrote it is the office's matter."""
    return {"held": sorted(user.roles_on_paper), "changes": [{"at": change.at, "what": change.words} for change in user.changes()]}


def institutions(user: User) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(user=user).select_related("institution")
    return [
        {"institution": row.institution.name_en, "may_sign": row.may_sign, "since_on": row.since_on, "ended_on": row.ended_on}
        for row in rows.order_by("since_on", "pk")
    ]


def letters(user: User) -> list[dict[str, Any]]:
    return [
        {
            "number": letter.number,
            "reference": letter.reference,
            "dated_on": letter.dated_on,
            "status": letter.status,
            "title_en": letter.title_en,
            "title_zh": letter.title_zh,
            "text_en": letter.text_en,
            "text_zh": letter.text_zh,
        }
        for letter in Letter.objects.visible_to(user).order_by("pk")
    ]


def mails(user: User) -> list[dict[str, Any]]:
    """The mails that reached the mail server; what waits for an announcement is not among them."""
    sent = Mail.objects.filter(recipient__iexact=user.email, state=Sending.SENT).order_by("sent_at", "pk")
    return [dict(row) for row in sent.values("sent_at", "recipient", "language", "subject", "body")]


def applications(user: User) -> list[dict[str, Any]]:
    found = Application.objects.visible_to(user).select_related("round").order_by("reference")
    return [_application(application) for application in found]


def teams(user: User) -> list[dict[str, Any]]:
    """The invitations to applications of others, whatever became of them, and what was endorsed for an institution."""
    invited = Member.objects.filter(Q(user=user) | Q(user=None, email__iexact=user.email)).select_related("application").order_by("pk")
    endorsed = Endorsement.objects.filter(by=user).select_related("version__application").order_by("pk")
    return [
        *(
            {
                "application": row.application.reference,
                "part": row.part,
                "invited_at": row.invited_at,
                "accepted_at": row.accepted_at,
                "ended_at": row.ended_at,
            }
            for row in invited
        ),
        *(
            {"application": row.version.application.reference, "endorsed_at": row.at, "position": row.position, "digest": row.digest}
            for row in endorsed
        ),
    ]


def savings(user: User) -> list[dict[str, Any]]:
    """The states of drafts as the person typed them, in the applications they still take part in."""
    mine = Saving.objects.filter(by=user, version__application__in=Application.objects.visible_to(user)).order_by("pk")
    return [
        {"application": row.version.application.reference, "at": row.at, "answers": row.answers, "was_set_aside": row.is_aside}
        for row in mine.select_related("version__application")
    ]


def _application(application: Application) -> dict[str, Any]:
    versions = Version.objects.filter(application=application).with_answers().order_by("number")
    return {
        "reference": application.reference,
        "round": application.round.title_en,
        "status": str(application.shown_status.label),
        "started_at": application.started_at,
        "submitted_at": application.submitted_at,
        "versions": [
            {
                "number": version.number,
                "submitted_at": version.submitted_at,
                "digest": version.digest,
                "answers": _answers(application, version),
                "attachments": list(
                    version.attachments.order_by("position", "pk").values("name", "purpose", "upload__size", "upload__pages", "upload__digest")
                ),
            }
            for version in versions
        ],
        "questions_of_the_office": list(application.enquiries.order_by("asked_at").values("asked_at", "text", "answered_at", "answer")),
        "receipts": list(application.receipts.order_by("at").values("number", "at", "digest")),
        "history": [{"at": change.at, "what": change.label} for change in application.visible_history()],
    }


def _answers(application: Application, version: Version) -> dict[str, Any]:
    version.application = application
    return version.content()


def reviews(user: User) -> list[dict[str, Any]]:
    """What the person wrote as an expert."""
    found = Review.objects.visible_to(user).select_related("application").prefetch_related("scores__criterion").order_by("pk")
    return [
        {
            "application": review.application.reference,
            "status": review.status,
            "assigned_at": review.assigned_at,
            "filed_at": review.filed_at,
            "scores": {score.criterion.title_en: score.value for score in review.scores.all()},
            "remarks_to_applicant": review.remarks_to_applicant,
            "remarks_to_committee": review.remarks_to_committee,
        }
        for review in found
    ]


def agreements(user: User) -> list[dict[str, Any]]:
    """The loan agreements of the applications that the person takes part in. Their letters are among the letters."""
    mine = Agreement.objects.filter(decision__application__in=Application.objects.visible_to(user).order_by().values("pk"))
    rows = mine.select_related("decision__application", "decision__promotion").prefetch_related("extensions", "reminders").order_by("pk")
    return [
        {
            "agreement": row.reference,
            "application": row.application.reference,
            "status": row.shown_status,
            "came_from_the_reserve": hasattr(row.decision, "promotion"),
            "noticed_on": row.noticed_on,
            "due_on": row.due_on,
            "signed_on": row.signed_on,
            "legal_representative": row.legal_representative,
            "responsible_user": row.responsible_user,
            "extensions": [{"at": more.at, "due_on": more.due_on, "reason": more.reason} for more in row.extensions.all()],
            "reminders": [{"at": reminder.at, "what": reminder.get_kind_display()} for reminder in row.reminders.all()],
        }
        for row in rows
    ]


def promotions(user: User) -> list[dict[str, Any]]:
    """What the person proposed for the office. Of an own application only the decision is told, once it is announced."""
    mine = Promotion.objects.visible_to(user).filter(proposed_by=user).select_related("application").prefetch_related("lines__request__sample")
    return [
        {
            "application": row.application.reference,
            "status": row.get_status_display(),
            "proposed_at": row.proposed_at,
            "reason": row.reason,
            "conditions_en": row.conditions_en,
            "conditions_zh": row.conditions_zh,
            "lines": [{"sample": line.request.sample.number, "mass_ug": line.mass_ug} for line in row.lines.all()],
        }
        for row in mine.order_by("pk")
    ]


SECTIONS: tuple[tuple[str, Any, Section], ...] = (
    ("account", _("Account: names, addresses, language, second factors without their secrets, ORCID iD"), account),
    ("roles", _("Roles, and what was changed about the account"), roles),
    ("institutions", _("Institutions you belong to"), institutions),
    ("letters", _("Letters written to you, in both languages"), letters),
    ("mails", _("Mails sent to you"), mails),
    ("applications", _("Applications with every version, every answer, receipts and history"), applications),
    ("teams", _("Teams you were invited to, and what you endorsed"), teams),
    ("savings", _("Drafts as you typed them, state by state"), savings),
    ("reviews", _("Reviews you wrote"), reviews),
    ("agreements", _("Loan agreements of your applications, with their days and who signed"), agreements),
    ("promotions", _("Promotions from the reserve that you proposed"), promotions),
)


def everything_of(user: User) -> dict[str, Any]:
    """All sections in English words, whatever the language of the page."""
    with override("en"):
        sections = {name: read(user) for name, _title, read in SECTIONS}
        return {"portal": settings.SITE_URL, "made_at": timezone.now(), "about": user.email, **sections}
