"""Makes the first administrator of an installation, who then invites everybody else on the pages."""

from smtplib import SMTPException
from typing import Any

from allauth.account.utils import has_verified_email
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.actions import give_role, invite_person, send_invitation
from accounts.models import Role, User
from accounts.post import password_link, reach_mail_server


class Command(BaseCommand):
    help = (
        "Make the first administrator: an account with the role, and a mail with the link that sets its password (printed here if no mail can "
        "be sent). An account that exists already, with a verified address, only gets the role."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="the person's full name, as it shall stand in letters")
        parser.add_argument("--language", default="en", choices=["en", "zh-hans"], help="language of mails (en)")
        parser.add_argument("--another", action="store_true", help="although there is an administrator already")

    def handle(self, *args: Any, **options: Any) -> None:
        email: str = options["email"].strip()
        try:
            validate_email(email)
        except ValidationError as problem:
            raise CommandError(f"{email} is not an e-mail address.") from problem
        user = User.objects.of_anybody_at(email)
        waits = user is not None and user.awaits_password  # invited before; the link has run out or went astray
        present = User.objects.with_role(Role.ADMINISTRATOR).first()
        if present and not options["another"] and not (waits and present == user):
            raise CommandError(f"{present.email} is administrator already and can give the role to others. If you mean it: --another.")
        if user is None:
            if not options["name"].strip():
                raise CommandError("An administrator has a name.")
            user = invite_person(email, full_name=options["name"], language=options["language"], roles=[Role.ADMINISTRATOR], by=None)
            self.tell_link(user)
        else:
            self.promote(user)
        self.stdout.write("After the first sign-in the portal asks for a second factor: have an authenticator app or a passkey at hand.")

    def promote(self, user: User) -> None:
        """Somebody who has an account. Without proof of the address it may be a stranger's who signed up with it."""
        if not user.is_active:
            raise CommandError(f"The account {user.email} is deactivated.")
        if not (user.awaits_password or has_verified_email(user, user.email)):
            raise CommandError(f"Nobody has proved yet that {user.email} is theirs: let its owner sign in and confirm the address first.")
        give_role(user, Role.ADMINISTRATOR, by=None)
        if user.awaits_password:
            send_invitation(user, by=None)
            self.tell_link(user)
        else:
            self.stdout.write(f"{user.email} had an account already and is administrator from now on.")

    def tell_link(self, user: User) -> None:
        """The mail is with the worker by now; whether a mail server takes it is asked here, so that nobody waits in vain."""
        try:
            reach_mail_server()
        except (OSError, SMTPException) as problem:
            self.stdout.write(f"{user.email} is administrator. The mail server does not answer ({problem}), so here is the link.")
            self.stdout.write("It sets the password, works once, for a week; hand it over on a safe way:")
            self.stdout.write(password_link(user))
        else:
            self.stdout.write(f"{user.email} is administrator. A mail with the link that sets the password is on its way.")
