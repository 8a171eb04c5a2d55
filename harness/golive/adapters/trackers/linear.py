"""Linear: issues with sub-issues, estimated in hours, by CSV for its importer or by GraphQL."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from golive.adapters.exporting.calls import Calls
from golive.adapters.exporting.losses import common_losses, halves
from golive.adapters.exporting.markup import markdown
from golive.adapters.exporting.sheet import quoted, sheet
from golive.errors import TrackerError
from golive.model.ticket import OURS, Ticket, read_mark
from golive.model.tracker import API, Document, Held, Supply, Tracker, Values, Variable

PRIORITIES = {"critical": ("Urgent", 1), "important": ("High", 2), "later": ("Low", 4)}
COLUMNS = ("ID", "Team", "Title", "Description", "Status", "Estimate", "Priority", "Labels")
LABEL = "label"
MINUTES_PER_HOUR = 60

TEAM = """query Team($key: String!) {
  teams(filter: {key: {eq: $key}}) { nodes { id states { nodes { id type position } } } }
}"""
LABELS = """query Labels($team: ID!, $after: String) {
  issueLabels(first: 100, after: $after,
      filter: {or: [{team: {id: {eq: $team}}}, {team: {null: true}}]}) {
    nodes { id name } pageInfo { hasNextPage endCursor }
  }
}"""
ISSUES = """query Issues($team: ID!, $after: String) {
  issues(first: 50, after: $after, includeArchived: true,
      filter: {team: {id: {eq: $team}}, description: {contains: "golive "}}) {
    nodes {
      id identifier description createdAt parent { id } state { type }
      labels(first: 30) { nodes { id name } }
      inverseRelations(first: 50) { nodes { type issue { id } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
NEW_LABEL = """mutation NewLabel($input: IssueLabelCreateInput!) {
  issueLabelCreate(input: $input) { issueLabel { id name } }
}"""
NEW_ISSUE = """mutation NewIssue($input: IssueCreateInput!) {
  issueCreate(input: $input) { issue { id } }
}"""
WRITE_ISSUE = """mutation WriteIssue($id: String!, $input: IssueUpdateInput!) {
  issueUpdate(id: $id, input: $input) { success }
}"""
RELATE = """mutation Relate($input: IssueRelationCreateInput!) {
  issueRelationCreate(input: $input) { success }
}"""
REMARK = """mutation Remark($input: CommentCreateInput!) {
  commentCreate(input: $input) { success }
}"""


def losses(way: str, tickets: Sequence[Ticket]) -> Iterator[str]:
    """What Linear cannot say."""
    yield from common_losses(tickets, {ours: name for ours, (name, _) in PRIORITIES.items()})
    rounded = sum(1 for one in tickets if one.minutes % MINUTES_PER_HOUR)
    yield (
        f"estimates are whole hours: {rounded} tasks are rounded up; points, also "
        f"{halves(tickets)}, stand in the description"
    )
    if way != API:
        yield from quoted(tickets)
        yield "Linear's importer ignores parents, blockers, projects and due dates: use --as api"
        yield "the importer makes issues anew each time: import once, then use --as api"


def to_csv(tickets: Sequence[Ticket]) -> Document:
    """A file for the importer, with the columns that it reads (and the two that it asks for)."""
    rows = (
        [
            *(one.key, "", one.title, markdown(one), "Done" if one.done else "Todo"),
            *(_hours(one), PRIORITIES[one.priority][0], ", ".join(_labels(one))),
        ]
        for one in tickets
    )
    return Document("linear.csv", sheet(COLUMNS, rows))


def _hours(ticket: Ticket) -> int | None:
    return math.ceil(ticket.minutes / MINUTES_PER_HOUR) or None


def _labels(ticket: Ticket) -> tuple[str, ...]:
    """Areas only: priorities have a field of their own."""
    return tuple(label for label in ticket.labels() if not label.startswith("priority"))


@contextmanager
def open_board(values: Values) -> Iterator["LinearBoard"]:
    """The team, by GraphQL."""
    key = values["LINEAR_API_KEY"]
    calls = Calls("Linear", values["LINEAR_URL"], {"Authorization": key})
    try:
        yield LinearBoard(calls, values["LINEAR_URL"], values["LINEAR_TEAM"])
    finally:
        calls.close()


class LinearBoard:
    """One team of Linear."""

    def __init__(self, calls: Calls, url: str, team: str) -> None:
        self._calls = calls
        self._url = url
        teams = self._ask(TEAM, key=team)["teams"]["nodes"]
        if not teams:
            raise TrackerError(
                f"Linear has no team {team}", remedy="LINEAR_TEAM is its key, as ENG in ENG-12."
            )
        self._team: str = teams[0]["id"]
        states = sorted(teams[0]["states"]["nodes"], key=lambda state: float(state["position"]))
        self._done = next((one["id"] for one in states if one["type"] == "completed"), "")
        pages = self._pages(LABELS, "issueLabels")
        self._labels: dict[str, str] = {one["name"]: one["id"] for one in pages}

    def held(self) -> Sequence[Held]:
        """Issues whose description ends with our mark, also archived ones."""
        issues = sorted(self._pages(ISSUES, "issues"), key=lambda issue: str(issue["createdAt"]))
        return [found for issue in issues if (found := _held(issue))]

    def lacking(self, tickets: Sequence[Ticket]) -> Sequence[Supply]:
        """Labels."""
        wanted = dict.fromkeys(label for ticket in tickets for label in _labels(ticket))
        return [Supply(LABEL, name) for name in wanted if name not in self._labels]

    def supply(self, wanted: Supply) -> None:
        """A label of the team."""
        made = self._ask(NEW_LABEL, input={"name": wanted.name, "teamId": self._team})
        label = made["issueLabelCreate"]["issueLabel"]
        self._labels[label["name"]] = label["id"]

    def create(self, ticket: Ticket, parent: str) -> str:
        """An issue, below its parent at once."""
        place = {"teamId": self._team} | ({"parentId": parent} if parent else {})
        labels = {"labelIds": [self._labels[name] for name in _labels(ticket)]}
        made = self._ask(NEW_ISSUE, input=_content(ticket) | place | labels)
        return str(made["issueCreate"]["issue"]["id"])

    def update(self, held: Held, ticket: Ticket) -> None:
        """The content; of the labels only ours are touched."""
        wanted = _labels(ticket)
        old = [name for name in held.labels if name.startswith(OURS) and name not in wanted]
        labels = {
            "addedLabelIds": [self._labels[name] for name in wanted if name not in held.labels],
            "removedLabelIds": [self._labels[name] for name in old if name in self._labels],
        }
        self._write(held.handle, _content(ticket) | labels)

    def nest(self, handle: str, parent: str) -> None:
        """The parent."""
        self._write(handle, {"parentId": parent})

    def block(self, handle: str, blocker: str) -> None:
        """A relation from the blocker to whom it blocks."""
        relation = {"issueId": blocker, "relatedIssueId": handle, "type": "blocks"}
        self._ask(RELATE, input=relation)

    def finish(self, handle: str, comment: str) -> None:
        """The team's first completed state, then a comment."""
        if not self._done:
            raise TrackerError("the team has no state of the type completed")
        self._write(handle, {"stateId": self._done})
        self._ask(REMARK, input={"issueId": handle, "body": comment})

    def _write(self, handle: str, content: Mapping[str, object]) -> None:
        self._ask(WRITE_ISSUE, id=handle, input=content)

    def _pages(self, query: str, name: str) -> Iterator[Any]:
        after = None
        while True:
            page = self._ask(query, team=self._team, after=after)[name]
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def _ask(self, query: str, **variables: object) -> Any:
        answer = self._calls.json("POST", self._url, {"query": query, "variables": variables})
        if answer.get("errors"):
            reasons = "; ".join(str(one.get("message")) for one in answer["errors"])
            raise TrackerError(f"Linear: {reasons}", remedy="What was done so far stays.")
        return answer["data"]


def _content(ticket: Ticket) -> dict[str, object]:
    content: dict[str, object] = {
        "title": ticket.title,
        "description": markdown(ticket),
        "priority": PRIORITIES[ticket.priority][1],
    }
    return content | ({"estimate": hours} if (hours := _hours(ticket)) else {})


def _held(issue: Any) -> Held | None:
    mark = read_mark(issue["description"] or "")
    if mark is None:
        return None
    relations = issue["inverseRelations"]["nodes"]
    return Held(
        key=mark[0],
        version=mark[1],
        handle=issue["id"],
        parent=(issue["parent"] or {}).get("id", ""),
        blockers=frozenset(one["issue"]["id"] for one in relations if one["type"] == "blocks"),
        done=issue["state"]["type"] in ("completed", "canceled"),
        labels=tuple(one["name"] for one in issue["labels"]["nodes"]),
    )


TRACKER = Tracker(
    title="Linear",
    variables=(
        Variable("LINEAR_URL", "the address of the API", "https://api.linear.app/graphql"),
        Variable("LINEAR_TEAM", "the key of the team"),
        Variable("LINEAR_API_KEY", "a personal API key", secret=True),
    ),
    into="LINEAR_TEAM",
    address="LINEAR_URL",
    open_board=open_board,
    documents={"csv": to_csv},
    losses=losses,
)
