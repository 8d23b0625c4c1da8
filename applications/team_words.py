"""What the mails to a team say, in both languages. The words are fixed; the only foreign word is a name, cut and without links."""

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from accounts.names import name_in_mail
from applications.models import Application, Endorsement, HandOver, Member, Part
from applications.words import institution_of, moment
from letters.words import Pair

SOMEBODY = Pair("Somebody", "有人")
PARTS = {
    Part.READ: Pair("You may read the application.", "您可以阅读该申请。"),
    Part.EDIT: Pair("You may write and submit the application together with the applicant.", "您可以与申请人一同撰写并提交该申请。"),
    Part.SIGN: Pair(
        "You endorse the application for its institution: you see what is asked for, and one button.",
        "您代表申请单位签署同意：您将看到申请内容和一个按钮。",
    ),
}


def name_of(person: User) -> Pair:
    name = name_in_mail(person.full_name)
    return Pair(name, name) if name else SOMEBODY


def address(name: str, *arguments: str) -> str:
    return settings.SITE_URL + reverse(f"applications:{name}", args=arguments)


def invitation(member: Member) -> tuple[Pair, Pair]:
    """Subject and text. Neither title nor contents of the application are told to an address that has proved nothing yet."""
    name, link = name_of(member.invited_by), address("invitation", member.code)
    part, until = PARTS[Part(member.part)], moment(member.ends_at, "start")
    return (
        Pair("Invitation to take part in an application for lunar samples", "邀请您参与月球样品借用申请"),
        Pair(
            f"{name.en} invites you to take part in an application for the loan of lunar samples.\n{part.en}\n\n"
            f"Open this page to accept or to decline:\n{link}\n\n"
            f"The invitation is for this address alone. It can be answered until {until.en}. "
            "Opening the page binds you to nothing. If you do not know this person, do nothing.",
            f"{name.zh}邀请您参与一份月球样品借用申请。\n{part.zh}\n\n请打开以下页面接受或谢绝邀请：\n{link}\n\n"
            f"本邀请仅对此邮箱地址有效，请于{until.zh}之前答复。打开页面不产生任何义务。如您不认识邀请人，请忽略本邮件。",
        ),
    )


def wish_for_endorsement(application: Application) -> tuple[Pair, Pair]:
    name, link = name_of(application.owner), address("endorse", application.reference)
    return (
        Pair("Please endorse the application", "请代表单位签署同意该申请"),
        Pair(
            f"{name.en} asks you to endorse the application {application.reference} for its institution.\n\n"
            f"This page shows exactly what is to be endorsed, and one button:\n{link}\n\n"
            f"The round closes at {moment(application.deadline()).en}. What is changed after your endorsement has to be endorsed again.",
            f"{name.zh}请您代表申请单位签署同意申请 {application.reference}。\n\n以下页面完整显示需要签署的内容和一个按钮：\n{link}\n\n"
            f"截止时间为{moment(application.deadline()).zh}。签署之后如有修改，须重新签署。",
        ),
    )


def endorsed(endorsement: Endorsement, application: Application) -> tuple[Pair, Pair]:
    name, link = name_of(endorsement.by), address("application", application.reference)
    at, institution = moment(endorsement.at, "start"), institution_of(endorsement.version)
    return (
        Pair("The application is endorsed", "申请已获单位同意"),
        Pair(
            f"{name.en} endorsed the application {application.reference} at {at.en} for:\n{name_in_mail(institution.en)}\n\n"
            "The endorsement holds for the answers as they stand now. Whatever is changed has to be endorsed again. "
            f"Nothing is submitted by it: submit the application on its page.\n{link}",
            f"{name.zh}已于{at.zh}代表下列单位签署同意申请 {application.reference}：\n{name_in_mail(institution.zh or institution.en)}\n\n"
            f"该同意仅对目前的申请内容有效，如有修改须重新签署。签署不等于提交：请在申请页面上提交。\n{link}",
        ),
    )


def hand_over_asked(hand_over: HandOver, application: Application) -> tuple[Pair, Pair]:
    """To the member who is to become the applicant, and to the signatory who has to consent."""
    old, new, link = name_of(hand_over.asked_by), name_of(hand_over.to), address("hand_over", application.reference)
    return (
        Pair("Please answer: the application is to get a new applicant", "请答复：申请拟变更申请人"),
        Pair(
            f"{old.en} wants to hand the application {application.reference} over to {new.en}. "
            f"Nothing happens before everybody who is asked has said yes.\n\nAnswer on this page:\n{link}",
            f"{old.zh}拟将申请 {application.reference} 移交给{new.zh}。所有被征询者同意之前，一切维持不变。\n\n请在以下页面答复：\n{link}",
        ),
    )


def handed_over(hand_over: HandOver, application: Application) -> tuple[Pair, Pair]:
    old, new, link = name_of(hand_over.asked_by), name_of(hand_over.to), address("application", application.reference)
    return (
        Pair("The application has a new applicant", "申请人已变更"),
        Pair(
            f"The application {application.reference} of {old.en} is handed over to {new.en}, who is its applicant from now on. "
            f"New letters go to {new.en}; letters written before stay with those who received them.\n\n{link}",
            f"{old.zh}的申请 {application.reference} 已移交给{new.zh}，其自即日起为申请人。今后的信函将寄给{new.zh}；"
            f"此前的信函仍归原收件人所有。\n\n{link}",
        ),
    )


def hand_over_ended(hand_over: HandOver, application: Application) -> tuple[Pair, Pair]:
    link = address("application", application.reference)
    return (
        Pair("The application keeps its applicant", "申请人不变"),
        Pair(
            f"The application {application.reference} was not handed over: somebody who was asked has said no. It stays as it is.\n\n{link}",
            f"申请 {application.reference} 未移交：被征询者中有人未同意。申请维持不变。\n\n{link}",
        ),
    )
