"""ClickUp: tasks, subtasks and nested subtasks, by CSV for its importer or by REST."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from golive.adapters.exporting.calls import Calls
from golive.adapters.exporting.losses import common_losses
from golive.adapters.exporting.markup import markdown
from golive.adapters.exporting.sheet import quoted, sheet
from golive.errors import TrackerError
from golive.model.ticket import Kind, Ticket, read_mark, relabelled
from golive.model.tracker import API, Document, Held, Supply, Tracker, Values, Variable

PRIORITIES = {"critical": ("urgent", 1), "important": ("high", 2), "later": ("low", 4)}
TOP = "Go-Live v1 Epic"
POINTS_FIELD = "Story Points"
ENDED = ("done", "closed")
MILLISECONDS_PER_MINUTE = 60_000
COLUMNS = (
    *("Task ID", "Task Name", "Parent ID", "Subtask IDs", "Description", "Status", "Priority"),
    *("Tags", POINTS_FIELD, "Time Estimate (minutes)", "Waiting On"),
)


def shape(tickets: Sequence[Ticket]) -> tuple[Ticket, ...]:
    """The task above all others has a short name."""
    return tuple(replace(one, name=TOP) if one.kind is Kind.EPIC else one for one in tickets)


def losses(way: str, tickets: Sequence[Ticket]) -> Iterator[str]:
    """What ClickUp cannot say."""
    yield from common_losses(tickets, {ours: name for ours, (name, _) in PRIORITIES.items()})
    yield "checks are boxes in the description, not a checklist of ClickUp's"
    if way == API:
        yield f"points go out only where the list has a number field named {POINTS_FIELD!r}"
        return
    yield from quoted(tickets)
    yield "the importer sets no dependencies (column Waiting On is for people): use --as api"
    yield "the importer updates nothing: import once, then use --as api"


def to_csv(tickets: Sequence[Ticket]) -> Document:
    """A file for the importer: one task a row, several values separated by commas alone."""
    below = {
        one.key: [child.key for child in tickets if child.parent == one.key] for one in tickets
    }
    rows = (
        [
            *(one.key, one.title, one.parent, ",".join(below[one.key]), markdown(one)),
            *("complete" if one.done else "to do", PRIORITIES[one.priority][0]),
            *(",".join(one.labels()), one.points, one.minutes or None, ",".join(one.blocked_by)),
        ]
        for one in tickets
    )
    return Document("clickup.csv", sheet(COLUMNS, rows))


@contextmanager
def open_board(values: Values) -> Iterator["ClickUpBoard"]:
    """The list, by REST version 2."""
    calls = Calls("ClickUp", values["CLICKUP_URL"], {"Authorization": values["CLICKUP_TOKEN"]})
    try:
        yield ClickUpBoard(calls, values["CLICKUP_LIST"])
    finally:
        calls.close()


class ClickUpBoard:
    """One list of ClickUp."""

    def __init__(self, calls: Calls, list_id: str) -> None:
        self._calls = calls
        self._list = f"/list/{list_id}"
        fields = calls.json("GET", f"{self._list}/field")["fields"]
        self._points = next(
            (f["id"] for f in fields if f["name"] == POINTS_FIELD and f["type"] == "number"), ""
        )

    def held(self) -> Sequence[Held]:
        """Tasks whose description ends with our mark, also closed and archived ones."""
        tasks = sorted(self._tasks(), key=lambda task: int(task["date_created"]))
        return [found for task in tasks if (found := _held(task))]

    def lacking(self, tickets: Sequence[Ticket]) -> Sequence[Supply]:
        """Nothing: tags are there as soon as they are used."""
        del tickets
        return ()

    def supply(self, wanted: Supply) -> None:
        """Never called."""
        raise TrackerError(f"ClickUp has no {wanted.kind} to make")

    def create(self, ticket: Ticket, parent: str) -> str:
        """POST /list/…/task, below its parent at once."""
        body = _content(ticket) | {"tags": list(ticket.labels())}
        if parent:
            body["parent"] = parent
        if self._points and ticket.points is not None:
            body["custom_fields"] = [{"id": self._points, "value": ticket.points}]
        return str(self._calls.json("POST", f"{self._list}/task", body)["id"])

    def update(self, held: Held, ticket: Ticket) -> None:
        """PUT /task; tags and fields each have a call of their own, the mark comes last."""
        task = f"/task/{held.handle}"
        wanted = relabelled(held.labels, ticket.labels())
        for tag in (one for one in wanted if one not in held.labels):
            self._calls.json("POST", f"{task}/tag/{quote(tag, safe='')}")
        for tag in (one for one in held.labels if one not in wanted):
            self._calls.json("DELETE", f"{task}/tag/{quote(tag, safe='')}")
        if self._points and ticket.points is not None:
            self._calls.json("POST", f"{task}/field/{self._points}", {"value": ticket.points})
        self._calls.json("PUT", task, _content(ticket))

    def nest(self, handle: str, parent: str) -> None:
        """The parent."""
        self._calls.json("PUT", f"/task/{handle}", {"parent": parent})

    def block(self, handle: str, blocker: str) -> None:
        """A dependency: waiting on."""
        self._calls.json("POST", f"/task/{handle}/dependency", {"depends_on": blocker})

    def finish(self, handle: str, comment: str) -> None:
        """The list's first status that ends a task, then a comment."""
        statuses = self._calls.json("GET", self._list)["statuses"]
        ended = [one["status"] for one in statuses if one["type"] in ENDED]
        if not ended:
            raise TrackerError("the list has no status that ends a task")
        self._calls.json("PUT", f"/task/{handle}", {"status": ended[0]})
        self._calls.json("POST", f"/task/{handle}/comment", {"comment_text": comment})

    def _tasks(self) -> Iterator[Any]:
        for archived in ("false", "true"):  # either those, or the others
            yield from self._pages(archived)

    def _pages(self, archived: str) -> Iterator[Any]:
        page = 0
        while True:
            answer = self._calls.json(
                "GET",
                f"{self._list}/task",
                page=page,
                archived=archived,
                subtasks="true",
                include_closed="true",
                include_markdown_description="true",
            )
            yield from answer["tasks"]
            if answer.get("last_page", True) or not answer["tasks"]:
                return
            page += 1


def _content(ticket: Ticket) -> dict[str, Any]:
    content: dict[str, Any] = {
        "name": ticket.title,
        "markdown_content": markdown(ticket),
        "priority": PRIORITIES[ticket.priority][1],
    }
    return content | (
        {"time_estimate": ticket.minutes * MILLISECONDS_PER_MINUTE} if ticket.minutes else {}
    )


def _held(task: Any) -> Held | None:
    mark = read_mark(task.get("markdown_description") or task.get("description") or "")
    if mark is None:
        return None
    waiting = [one for one in task.get("dependencies") or () if one["task_id"] == task["id"]]
    return Held(
        key=mark[0],
        version=mark[1],
        handle=task["id"],
        parent=task.get("parent") or "",
        blockers=frozenset(one["depends_on"] for one in waiting),
        done=task["status"]["type"] in ENDED,
        labels=tuple(tag["name"] for tag in task.get("tags") or ()),
    )


TRACKER = Tracker(
    title="ClickUp",
    variables=(
        Variable("CLICKUP_URL", "the address of the API", "https://api.clickup.com/api/v2"),
        Variable("CLICKUP_LIST", "the number of the list, as in its address"),
        Variable("CLICKUP_TOKEN", "a personal API token", secret=True),
    ),
    into="CLICKUP_LIST",
    address="CLICKUP_URL",
    open_board=open_board,
    documents={"csv": to_csv},
    losses=losses,
    shape=shape,
)
