"""The words of the portal's own account mails, and handing a mail to the mail server."""

import logging

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from accounts.names import name_in_mail
from accounts.tokens import LinkTokens

log = logging.getLogger(__name__)


def send(subject: str, body: str, email: str) -> None:
    """One plain text mail to one address."""
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [email]).send()


def reach_mail_server() -> None:
    """Raise OSError or SMTPException where a mail could not be handed over now. A folder of mails takes everything."""
    connection = get_connection()
    if isinstance(connection, SmtpBackend):
        connection.open()
        connection.close()


def password_link(user: User) -> str:
    """The address under which this person, and nobody else, sets a password."""
    uid, token = user_pk_to_url_str(user), LinkTokens().make_token(user)
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})


def invitation_words(user: User) -> tuple[str, str]:
    """Subject and text of an invitation in the language of the invited. The text is fixed; the name is the only foreign word in it."""
    context = {
        "name": name_in_mail(user.full_name),
        "email": user.email,
        "password_url": password_link(user),
        "reset_url": settings.SITE_URL + reverse("account_reset_password"),
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
    }
    return _written(user, "invitation", context)


def words_in_mail(user: User, name: str, **words: str) -> tuple[str, str]:
    """Subject and text of one of the fixed mails in templates/accounts/mail/, in the language of its receiver."""
    context = {"name": name_in_mail(user.full_name), "email": user.email, "site_url": settings.SITE_URL, "contact_email": settings.CONTACT_EMAIL}
    return _written(user, name, {**context, **words})


def _written(user: User, name: str, context: dict[str, str]) -> tuple[str, str]:
    with translation.override(user.language):
        subject = render_to_string(f"accounts/mail/{name}_subject.txt", context)
        body = render_to_string(f"accounts/mail/{name}_message.txt", context)
    return " ".join(subject.split()), body.strip() + "\n"
