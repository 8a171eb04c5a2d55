"""Descriptions in the markup of a tracker."""

import re
from collections.abc import Iterator

from golive.model.ticket import Kind, Ticket

# Signs that begin or end markup in Jira.
_WIKI = re.compile(r"([{}\[\]*_|!^~?])")
_CODE = re.compile(r"`([^`]+)`")


def markdown(ticket: Ticket) -> str:
    """GitHub, Linear and ClickUp. Checks and tasks are boxes to tick."""
    return "\n".join([*_markdown(ticket), "", ticket.mark])


def wiki(ticket: Ticket) -> str:
    """Jira, which has no boxes to tick in a description."""
    return "\n".join([*_wiki(ticket), "", ticket.mark])


def _markdown(ticket: Ticket) -> Iterator[str]:
    yield ticket.text.lead
    yield ""
    for name, value in ticket.text.facts:
        if value:
            yield f"- **{name}**: {value}"
    box = "" if ticket.kind is Kind.EPIC else "[ ] "
    for heading, entries in ticket.text.lists:
        if entries:
            yield from ("", f"### {heading}", "")
            yield from (f"- {box}{entry}" for entry in entries)


def _wiki(ticket: Ticket) -> Iterator[str]:
    yield _plain(ticket.text.lead)
    yield ""
    for name, value in ticket.text.facts:
        if value:
            yield f"* *{name}*: {_plain(value)}"
    for heading, entries in ticket.text.lists:
        if entries:
            yield from ("", f"h3. {heading}", "")
            yield from (f"* {_plain(entry)}" for entry in entries)


def _plain(text: str) -> str:
    return _CODE.sub(r"{{\1}}", _WIKI.sub(r"\\\1", text))
