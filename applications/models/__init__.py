"""What is asked for, by whom and why."""

from applications.models.application import Application, ApplicationChange, ApplicationQuerySet, ReferenceCounter
from applications.models.contact import Enquiry, Reminder, ReminderKind
from applications.models.demand import Demand
from applications.models.files import Attachment, Drawing, DrawnPage, Purpose, Scan, Upload
from applications.models.reads import AskedSamples, asked_samples, choosable_institution, choosable_institutions, draft_version, offered_samples
from applications.models.team import MAILS_A_DAY, MOST_WAITING, RENEWALS_A_DAY, Endorsement, HandOver, Member, Part, TeamMail
from applications.models.version import Receipt, Request, Saving, Version, VersionQuerySet

__all__ = [
    "MAILS_A_DAY",
    "MOST_WAITING",
    "RENEWALS_A_DAY",
    "Application",
    "ApplicationChange",
    "ApplicationQuerySet",
    "AskedSamples",
    "Attachment",
    "Demand",
    "Drawing",
    "DrawnPage",
    "Endorsement",
    "Enquiry",
    "HandOver",
    "Member",
    "Part",
    "Purpose",
    "Receipt",
    "ReferenceCounter",
    "Reminder",
    "ReminderKind",
    "Request",
    "Saving",
    "Scan",
    "TeamMail",
    "Upload",
    "Version",
    "VersionQuerySet",
    "asked_samples",
    "choosable_institution",
    "choosable_institutions",
    "draft_version",
    "offered_samples",
]
