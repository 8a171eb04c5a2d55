"""Channels send what somebody needs to know to real receivers, once, and again until it arrives."""

import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult

from golive.adapters.escalation import channel_names, channels_of, find_channel, sending
from golive.adapters.escalation.sending import Dispatcher
from golive.errors import ConfigurationError, EscalationError
from golive.model.monitoring.escalation import Page
from golive.model.monitoring.records import Told
from golive.model.monitoring.sections import Escalate
from tests.monitor.receivers import Inbox, http_inbox

PAGE = Page(
    run="20260105T080000Z-abc",
    target="tether",
    environment="production",
    incident=1,
    event="critical",
    severity="critical",
    scenario="monitor.uptime",
    cause="down since +00:15: connection <refused> & more",
    symptoms=("monitor.errors: 12 of 20 answers are 5xx",),
    begins="2026-01-05T08:15:00+00:00",
    ends="",
    remedy="Look at the balancer.",
    rollback="ops/rollback v41",
)
OVER = replace(PAGE, event="closed", ends="2026-01-05T08:20:00+00:00")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """An HTTP receiver."""
    with http_inbox() as taking:
        yield taking


def test_a_webhook_is_sent_all_there_is(inbox: Inbox) -> None:
    """Incident, severity, cause, and the command that rolls back."""
    find_channel("webhook").send(PAGE, Escalate("webhook", url_env="PAGER"), {"PAGER": inbox.url})

    [(_, document)] = inbox.received
    assert (document["incident"], document["severity"]) == (1, "critical")
    assert "roll back now: ops/rollback v41" in document["text"]


def test_slack_is_sent_text_that_calls_nobody(inbox: Inbox) -> None:
    """What a target answers is escaped: `<!channel>` would wake everybody."""
    find_channel("slack").send(PAGE, Escalate("slack", url=f"{inbox.url}/services/T/B"), {})

    [(path, document)] = inbox.received
    assert path == "/services/T/B"
    assert "&lt;refused&gt; &amp; more" in document["text"]


def test_alertmanager_is_sent_the_same_labels_at_the_end(inbox: Inbox) -> None:
    """So that it resolves the alert that it was told of."""
    section = Escalate("alertmanager", url=inbox.url, labels={"team": "payments"})
    for page in (PAGE, OVER):
        find_channel("alertmanager").send(page, section, {})

    [(path, [opened, milder]), (_, [closed, _again])] = inbox.received
    assert path == "/api/v2/alerts"
    assert opened["labels"] == closed["labels"]
    assert opened["labels"]["team"] == "payments"
    assert closed["endsAt"] == OVER.ends
    assert opened["endsAt"] > "2099"
    # One that began milder is another alert there, and ends when it becomes critical.
    assert milder["labels"] == {**opened["labels"], "severity": "documented"}
    assert milder["endsAt"] == PAGE.begins


def test_a_command_is_given_the_message_on_its_stdin(tmp_path: Path) -> None:
    """And the severity in its environment; one that fails has not taken it."""
    kept = tmp_path / "page.json"
    program = tmp_path / "page.py"
    program.write_text(
        "import os, pathlib, sys\n"
        "text = os.environ['GOLIVE_SEVERITY'] + sys.stdin.read()\n"
        f"pathlib.Path({str(kept)!r}).write_text(text)\n"
    )
    section = Escalate("command", command=f"{sys.executable} {program}")
    find_channel("command").send(PAGE, section, {})

    assert kept.read_text().startswith('critical{"run"')
    failing = replace(section, command=f"{sys.executable} -c 'raise SystemExit(3)'")
    with pytest.raises(EscalationError, match="ended with 3"):
        find_channel("command").send(PAGE, failing, {})


class _Mailbox(Message):
    """Keeps mails."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


def _is_ours(
    _server: object, _session: object, _envelope: object, _how: str, who: Any
) -> AuthResult:
    return AuthResult(success=(who.login, who.password) == (b"golive", b"secret"), handled=False)


@pytest.fixture
def mail_server() -> Iterator[tuple[Controller, _Mailbox]]:
    """A mail server on loopback that wants a password."""
    mailbox = _Mailbox()
    server = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        authenticator=_is_ours,
        auth_require_tls=False,
    )
    server.port = _free_port()
    server.start()
    yield server, mailbox
    server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def mail_section(server: Controller) -> Escalate:
    """A section that names it."""
    return Escalate(
        "email",
        server=f"127.0.0.1:{server.port}",
        tls="none",
        user_env="MAIL_USER",
        password_env="MAIL_PASSWORD",
        sender="golive@tether.example",
        to=("oncall@tether.example", "lead@tether.example"),
    )


def test_a_mail_is_sent_to_everybody_as_one_thread(
    mail_server: tuple[Controller, _Mailbox],
) -> None:
    """Both mails of an incident refer to the same one."""
    server, mailbox = mail_server
    secrets = {"MAIL_USER": "golive", "MAIL_PASSWORD": "secret"}
    for page in (PAGE, OVER):
        find_channel("email").send(page, mail_section(server), secrets)

    first, second = mailbox.mails
    assert first["To"] == "oncall@tether.example, lead@tether.example"
    assert first["Subject"].strip().startswith("[critical] tether (production): down since")
    assert second["Subject"].strip().startswith("[over]")
    assert first["References"] == second["References"]


def test_a_mail_server_that_refuses_is_said(mail_server: tuple[Controller, _Mailbox]) -> None:
    """The wrong password is an error of the channel, and nothing was sent."""
    server, mailbox = mail_server
    secrets = {"MAIL_USER": "golive", "MAIL_PASSWORD": "wrong"}

    with pytest.raises(EscalationError, match="SMTPAuthenticationError"):
        find_channel("email").send(PAGE, mail_section(server), secrets)
    assert not mailbox.mails


def dispatched(
    sections: list[Escalate],
    *rounds: list[Page],
    before: tuple[Told, ...] = (),
    secrets: Mapping[str, str] | None = None,
) -> list[Told]:
    """What was written down after these rounds of telling, each after the one before was done."""
    told = list(before)
    for pages in rounds:
        desk = Dispatcher(channels_of(sections), secrets or {}, told, told.append, lambda: 1.0)
        desk.tell(pages)
        desk.close()
    return told[len(before) :]


def test_everybody_is_told_once(inbox: Inbox) -> None:
    """At every check the same pages are told again; golive may have been restarted meanwhile."""
    told = dispatched([Escalate("webhook", url=inbox.url)], [PAGE, PAGE], [PAGE], [PAGE, OVER])

    assert inbox.events() == [(1, "critical"), (1, "closed")]
    assert [(one.event, one.error) for one in told] == [("critical", ""), ("closed", "")]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(sending, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(sending, "LONGEST_WAIT_SECONDS", 0.02)


@pytest.mark.usefixtures("impatient")
def test_what_is_refused_is_sent_again() -> None:
    """A receiver that is away for a moment gets it all the same, once."""
    with http_inbox(refusals=2) as inbox:
        [told] = dispatched([Escalate("webhook", url=inbox.url)], [PAGE])

    assert inbox.events() == [(1, "critical")]
    assert (told.attempts, told.error) == (3, "")


@pytest.mark.usefixtures("impatient")
def test_nobody_is_told_of_an_end_before_the_begin() -> None:
    """Where the first message did not arrive, both come at the next check, in their order: "roll
    back now" after "it is over" would be worse than silence.
    """
    with http_inbox(refusals=sending.ATTEMPTS) as inbox:
        dispatched([Escalate("webhook", url=inbox.url)], [PAGE, OVER], [PAGE, OVER])

    assert inbox.events() == [(1, "critical"), (1, "closed")]


def test_what_has_not_arrived_when_the_watch_ends_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ledger is sealed then: what becomes of it later is written nowhere, and nobody waits."""
    monkeypatch.setattr(sending, "LAST_CALL_SECONDS", 0.1)
    told: list[Told] = []
    with http_inbox(refusals=99) as inbox:
        channels = channels_of([Escalate("webhook", url=inbox.url)])
        desk = Dispatcher(channels, {}, (), told.append, lambda: 1.0)
        desk.tell([PAGE])
        desk.close()
        at_the_end = list(told)
        for thread in desk._threads.values():
            thread.shutdown(wait=True)

    assert [(one.event, one.error) for one in at_the_end] == [
        ("critical", "the watch ended before")
    ]
    assert told == at_the_end


@pytest.mark.usefixtures("impatient")
def test_a_channel_that_fails_keeps_no_other_from_telling(inbox: Inbox) -> None:
    """It is written down with its error, tried again at the next check, and stops nothing."""
    nowhere = Escalate("webhook", url="http://127.0.0.1:1")
    told = dispatched([nowhere, Escalate("slack", url=inbox.url)], [PAGE], [PAGE])

    assert len(inbox.received) == 1
    failures = [one for one in told if one.channel == "webhook"]
    assert len(failures) == 2
    assert all("Connect" in one.error for one in failures)


def test_what_is_not_critical_is_told_to_who_wants_all(inbox: Inbox) -> None:
    """And nobody hears of the end of what they did not hear the begin of."""
    small = replace(PAGE, event="documented", severity="documented")
    over = replace(small, event="closed", ends=OVER.ends)
    told = dispatched([Escalate("webhook", url=inbox.url)], [small, over])
    assert told == []

    dispatched([Escalate("webhook", url=inbox.url, tell="all")], [small, over])
    assert inbox.events() == [(1, "documented"), (1, "closed")]


def test_a_channel_that_cannot_work_is_said_before_anything_is_wrong() -> None:
    """An unknown kind and a missing key are errors of the target file."""
    with pytest.raises(ConfigurationError, match="pigeon"):
        channels_of([Escalate("pigeon")])
    with pytest.raises(ConfigurationError, match="url or url_env is missing"):
        channels_of([Escalate("slack")])


def test_every_file_is_a_channel() -> None:
    """One file is one channel, and there is no list of them."""
    assert set(channel_names()) == {"alertmanager", "command", "email", "slack", "webhook"}
    assert all(find_channel(name) for name in channel_names())
