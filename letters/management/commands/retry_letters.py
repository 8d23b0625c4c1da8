"""Lists the letters and mails that were given up, and queues them again once their cause is gone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from letters.actions import reprint_letter, resend_mail
from letters.models import Letter, Mail


class Command(BaseCommand):
    help = "List every letter that could not be printed and every mail that could not be sent, with the cause. With --again: queue them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="queue them again")

    def handle(self, *args: Any, **options: Any) -> None:
        letters, mails = list(Letter.objects.in_trouble()), list(Mail.objects.in_trouble().select_related("letter"))
        for letter in letters:
            self.stdout.write(f"Letter {letter.number}, not printed: {letter.problem}")
            if options["again"]:
                reprint_letter(letter, by=None)
        for mail in mails:
            self.stdout.write(
                f"Mail {mail.pk} to {mail.recipient}{f' with letter {mail.letter.number}' if mail.letter else ''}, not sent: {mail.problem}"
            )
            if options["again"]:
                resend_mail(mail, by=None)
        self.stdout.write(f"{'Queued again' if options['again'] else 'Given up'}: letters {len(letters)}, mails {len(mails)}.")
