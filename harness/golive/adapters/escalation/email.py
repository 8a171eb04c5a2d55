"""Mail by SMTP."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from golive.errors import EscalationError
from golive.model.monitoring.escalation import Channel, Page
from golive.model.monitoring.sections import Escalate

TIMEOUT_SECONDS = 15.0
SMTP_PORT = 25


def send(page: Page, section: Escalate, secrets: Mapping[str, str]) -> None:
    """Send a mail in plain text; all mails of one incident are one thread."""
    host, _, port = section.server.partition(":")
    try:
        with _connected(host, int(port or SMTP_PORT), section.tls) as server:
            if section.user_env:
                server.login(secrets[section.user_env], secrets.get(section.password_env, ""))
            server.send_message(_mail(page, section))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise EscalationError(f"{type(error).__name__}: {error}") from error


def _mail(page: Page, section: Escalate) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(page.subject.split())
    mail["From"] = section.sender
    mail["To"] = ", ".join(section.to)
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="golive.invalid")
    thread = f"<{page.run}.{page.incident}@golive.invalid>"
    mail["References"] = thread
    mail["In-Reply-To"] = thread
    mail.set_content(page.text)
    return mail


def _connected(host: str, port: int, tls: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if tls == "starttls":
        try:
            server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


CHANNEL = Channel(needs=("server", "sender", "to"), send=send)
