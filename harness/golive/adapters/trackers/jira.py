"""Jira Cloud: stories are epics, tasks are stories, by CSV for its importer or by REST."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from golive.adapters.exporting.calls import Calls
from golive.adapters.exporting.losses import common_losses
from golive.adapters.exporting.markup import wiki
from golive.adapters.exporting.sheet import padded, quoted, sheet
from golive.errors import TrackerError
from golive.model.ticket import Kind, Ticket, blocks, read_mark, relabelled
from golive.model.tracker import API, Document, Held, Supply, Tracker, Values, Variable

TYPES = {Kind.EPIC: "Epic", Kind.STORY: "Epic", Kind.TASK: "Story", Kind.LATER: "Story"}
PRIORITIES = {"critical": "Highest", "important": "High", "later": "Low"}
POINTS_FIELDS = ("Story Points", "Story point estimate")
BLOCKS = "Blocks"
DONE = "done"
PAGE = 100


def shape(tickets: Sequence[Ticket]) -> tuple[Ticket, ...]:
    """In Jira an epic cannot lie below an epic."""
    return tuple(replace(one, parent="") if one.kind is Kind.STORY else one for one in tickets)


def losses(way: str, tickets: Sequence[Ticket]) -> Iterator[str]:
    """What Jira cannot say."""
    yield from common_losses(tickets, PRIORITIES)
    top = next(one.key for one in tickets if one.kind is Kind.EPIC)
    yield f"{top} stands beside its stories: an epic cannot lie below an epic in Jira"
    yield "checks are a list in the description: Jira has no boxes to tick there"
    if way != API:
        yield from quoted(tickets)
        yield "the importer makes issues anew each time: import once, then use --as api"
        yield "Story Points and links are mapped by hand in the importer (docs/export.md)"


def to_csv(tickets: Sequence[Ticket]) -> Document:
    """A file for the importer: parents first, columns repeated for several values."""
    ids = {ticket.key: place for place, ticket in enumerate(tickets, start=1)}
    blocked = {key: [ids[one] for one in keys] for key, keys in blocks(tickets).items()}
    labels = max(len(ticket.labels()) for ticket in tickets)
    links = max(len(keys) for keys in blocked.values())
    header = [
        *("Issue Type", "Issue key", "Issue ID", "Parent", "Summary", "Description"),
        *("Priority", "Story Points", "Status", "Comment"),
        *["Labels"] * labels,
        *[f"Outward issue link ({BLOCKS})"] * links,
    ]
    rows = (
        [
            *(TYPES[one.kind], one.key, ids[one.key], ids.get(one.parent), one.title, wiki(one)),
            *(PRIORITIES[one.priority], one.points, "Done" if one.done else "To Do", one.comment),
            *padded(one.labels(), labels),
            *padded(blocked[one.key], links),
        ]
        for one in tickets
    )
    return Document("jira.csv", sheet(header, rows))


@contextmanager
def open_board(values: Values) -> Iterator["JiraBoard"]:
    """The project, by REST version 2, which takes descriptions as text."""
    calls = Calls("Jira", values["JIRA_URL"], auth=(values["JIRA_EMAIL"], values["JIRA_TOKEN"]))
    try:
        yield JiraBoard(calls, values["JIRA_PROJECT"])
    finally:
        calls.close()


class JiraBoard:
    """One project of Jira Cloud."""

    def __init__(self, calls: Calls, project: str) -> None:
        self._calls = calls
        self._project = project
        self._points_field: str | None = None

    def held(self) -> Sequence[Held]:
        """Issues whose description ends with our mark."""
        return [found for issue in self._issues() if (found := _held(issue))]

    def lacking(self, tickets: Sequence[Ticket]) -> Sequence[Supply]:
        """Nothing: labels of Jira are there as soon as they are used."""
        del tickets
        return ()

    def supply(self, wanted: Supply) -> None:
        """Never called."""
        raise TrackerError(f"Jira has no {wanted.kind} to make")

    def create(self, ticket: Ticket, parent: str) -> str:
        """POST /issue."""
        fields = self._fields(ticket) | {
            "project": {"key": self._project},
            "issuetype": {"name": TYPES[ticket.kind]},
            "labels": list(ticket.labels()),
        }
        if parent:
            fields["parent"] = {"key": parent}
        return str(self._calls.json("POST", "/rest/api/2/issue", {"fields": fields})["key"])

    def update(self, held: Held, ticket: Ticket) -> None:
        """PUT /issue, labels of others kept."""
        labels = list(relabelled(held.labels, ticket.labels()))
        self._put(held.handle, self._fields(ticket) | {"labels": labels})

    def nest(self, handle: str, parent: str) -> None:
        """The field `parent`."""
        self._put(handle, {"parent": {"key": parent}})

    def block(self, handle: str, blocker: str) -> None:
        """A link from the blocker, which Jira calls the inward issue."""
        link = {
            "type": {"name": BLOCKS},
            "inwardIssue": {"key": blocker},
            "outwardIssue": {"key": handle},
        }
        self._calls.json("POST", "/rest/api/2/issueLink", link)

    def finish(self, handle: str, comment: str) -> None:
        """Whichever transition leads to a status that counts as done, then a comment: a transition
        that is refused is tried again, and must not leave one each time.
        """
        issue = f"/rest/api/2/issue/{handle}"
        offered = self._calls.json("GET", f"{issue}/transitions")["transitions"]
        ways = [one["id"] for one in offered if one["to"]["statusCategory"]["key"] == DONE]
        if not ways:
            raise TrackerError(
                f"Jira offers no transition of {handle} to a status that counts as done",
                remedy="Move it by hand as far as the workflow asks for, then export again.",
            )
        self._calls.json("POST", f"{issue}/transitions", {"transition": {"id": ways[0]}})
        self._calls.json("POST", f"{issue}/comment", {"body": comment})

    def _put(self, handle: str, fields: Mapping[str, object]) -> None:
        self._calls.json("PUT", f"/rest/api/2/issue/{handle}", {"fields": fields})

    def _fields(self, ticket: Ticket) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "summary": ticket.title,
            "description": wiki(ticket),
            "priority": {"name": PRIORITIES[ticket.priority]},
        }
        if ticket.points is not None and (field := self._points()):
            fields[field] = ticket.points
        return fields

    def _points(self) -> str:
        """The id of the field for story points, which is another one on each site."""
        if self._points_field is None:
            fields = {
                one["name"]: one["id"] for one in self._calls.json("GET", "/rest/api/2/field")
            }
            self._points_field = next((fields[n] for n in POINTS_FIELDS if n in fields), "")
        return self._points_field

    def _issues(self) -> Iterator[Any]:
        asked: dict[str, str | int] = {
            "jql": f'project = "{self._project}" ORDER BY created ASC',
            "fields": "description,parent,issuelinks,status,labels",
            "maxResults": PAGE,
        }
        while True:
            page = self._calls.json("GET", "/rest/api/2/search/jql", **asked)
            yield from page["issues"]
            if not page.get("nextPageToken"):
                return
            asked["nextPageToken"] = page["nextPageToken"]


def _held(issue: Any) -> Held | None:
    fields = issue["fields"]
    mark = read_mark(fields.get("description") or "")
    if mark is None:
        return None
    links = fields.get("issuelinks") or ()
    blockers = (
        link["inwardIssue"]["key"]
        for link in links
        if link["type"]["name"] == BLOCKS and "inwardIssue" in link
    )
    return Held(
        key=mark[0],
        version=mark[1],
        handle=issue["key"],
        parent=(fields.get("parent") or {}).get("key", ""),
        blockers=frozenset(blockers),
        done=fields["status"]["statusCategory"]["key"] == DONE,
        labels=tuple(fields.get("labels") or ()),
    )


TRACKER = Tracker(
    title="Jira",
    variables=(
        Variable("JIRA_URL", "the site, as https://NAME.atlassian.net"),
        Variable("JIRA_PROJECT", "the key of the project"),
        Variable("JIRA_EMAIL", "the account that the token belongs to"),
        Variable("JIRA_TOKEN", "an API token", secret=True),
    ),
    into="JIRA_PROJECT",
    address="JIRA_URL",
    open_board=open_board,
    documents={"csv": to_csv},
    losses=losses,
    shape=shape,
)
