"""GitHub: issues with labels, milestone, sub-issues, blockers and a board, by `gh` or its APIs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import requests
from github import Auth, Github, GithubException, GithubRetry
from github.Issue import Issue
from github.Milestone import Milestone
from github.Repository import Repository

from golive.adapters.exporting.gh_script import colour_of, github_labels, to_script
from golive.adapters.exporting.github_project import BACKLOG, COLUMN, DONE, PROJECT, Project
from golive.adapters.exporting.losses import common_losses
from golive.adapters.exporting.markup import markdown
from golive.errors import TrackerError
from golive.model.ticket import Kind, Ticket, read_mark, relabelled
from golive.model.tracker import Held, Supply, Tracker, Values, Variable

PUBLIC = "https://api.github.com"
LABEL, MILESTONE, CARD = "label", "milestone", "card"
PRIORITIES = {name: f"the label 'priority: {name}'" for name in ("critical", "important", "later")}

# GitHub asks for a second between writes; a server of one's own does not limit them.
WRITES_APART_SECONDS = 1.0
ATTEMPTS = 8
PAGE = 100


def losses(_way: str, tickets: Sequence[Ticket]) -> Iterator[str]:
    """What GitHub cannot say."""
    yield from common_losses(tickets, PRIORITIES)
    yield "points are labels, as 'story-points: 0.5': no field adds them up"
    if any(one.kind is Kind.LATER for one in tickets):
        yield "what was put off has no milestone"


@contextmanager
def open_board(values: Values) -> Iterator["GithubBoard"]:
    """The repository, by REST. A request that may have been received is not repeated."""
    address = values["GITHUB_API_URL"].rstrip("/")
    client = Github(
        base_url=address,
        auth=Auth.Token(values["GITHUB_TOKEN"]),
        retry=GithubRetry(total=ATTEMPTS, read=False, status_forcelist=[429], allowed_methods=None),
        per_page=PAGE,
        seconds_between_requests=None,
        seconds_between_writes=WRITES_APART_SECONDS if address == PUBLIC else None,
        user_agent="golive",
        lazy=True,
    )

    def ask(document: str, **variables: Any) -> Any:
        return client.requester.graphql_query(document, variables)[1]["data"]

    try:
        name, title = values["GITHUB_REPOSITORY"], values["GITHUB_PROJECT"]
        project = Project(ask, name, title) if title else None
        yield GithubBoard(client.get_repo(name), project)
    except GithubException as error:
        raise TrackerError(
            f"GitHub answered {error.status}: {_said(error)}",
            remedy="Is the repository right, and may the token write issues there (and projects)?",
        ) from error
    except requests.RequestException as error:
        raise TrackerError(
            f"GitHub at {address}: {error}",
            remedy="What was done so far stays; run the command again, it goes on from there.",
        ) from error
    finally:
        client.close()


class GithubBoard:
    """One repository of GitHub, and the project on which its issues lie, if there is to be one.

    Handles are the numbers of issues.
    """

    def __init__(self, repository: Repository, project: Project | None) -> None:
        self._repository = repository
        self._project = project
        self._issues: dict[str, Issue] = {}
        self._keys: dict[str, Issue] = {}
        self._milestones: dict[str, Milestone] = {}

    def held(self) -> Sequence[Held]:
        """Issues whose body ends with our mark, also closed ones."""
        listed = self._repository.get_issues(state="all", sort="created", direction="asc")
        marked = {issue: mark for issue in listed if (mark := read_mark(issue.body or ""))}
        ours = {issue: mark for issue, mark in marked.items() if issue.pull_request is None}
        self._issues = {str(issue.number): issue for issue in ours}
        self._keys = {mark[0]: issue for issue, mark in reversed(ours.items())}
        parents = {
            child.number: str(issue.number)
            for issue in ours
            if issue.sub_issues_summary and issue.sub_issues_summary.total
            for child in issue.get_sub_issues()
        }
        return [_held(one, mark, parents.get(one.number, "")) for one, mark in ours.items()]

    def lacking(self, tickets: Sequence[Ticket]) -> Sequence[Supply]:
        """Labels and the milestone; the board, its columns, and cards of issues made before."""
        there = {label.name for label in self._repository.get_labels()}
        listed = self._repository.get_milestones(state="all")
        self._milestones = {milestone.title: milestone for milestone in listed}
        labels = dict.fromkeys(label for ticket in tickets for label in github_labels(ticket))
        milestones = {(one.milestone, one.due) for one in tickets if one.milestone}
        return [
            *(Supply(LABEL, name) for name in labels if name not in there),
            *(
                Supply(MILESTONE, name, due)
                for name, due in sorted(milestones)
                if name not in self._milestones
            ),
            *self._off_board(tickets),
        ]

    def supply(self, wanted: Supply) -> None:
        """A label, the milestone, or something of the board."""
        if self._project and wanted.kind in {PROJECT, COLUMN}:
            self._project.supply()
        elif wanted.kind == CARD:
            self._lay(self._keys[wanted.name])
        elif wanted.kind == LABEL:
            self._repository.create_label(wanted.name, colour_of(wanted.name))
        elif wanted.due:
            made = self._repository.create_milestone(
                wanted.name, due_on=date.fromisoformat(wanted.due)
            )
            self._milestones[wanted.name] = made
        else:
            self._milestones[wanted.name] = self._repository.create_milestone(wanted.name)

    def create(self, ticket: Ticket, parent: str) -> str:
        """An issue; then it is put below its parent, and on the board."""
        labels = list(github_labels(ticket))
        if ticket.milestone:
            issue = self._repository.create_issue(
                ticket.title,
                markdown(ticket),
                labels=labels,
                milestone=self._milestones[ticket.milestone],
            )
        else:
            issue = self._repository.create_issue(ticket.title, markdown(ticket), labels=labels)
        handle = str(issue.number)
        self._issues[handle] = issue
        if parent:
            self.nest(handle, parent)
        self._lay(issue)
        return handle

    def update(self, held: Held, ticket: Ticket) -> None:
        """Title, body and labels; labels of others kept."""
        self._issues[held.handle].edit(
            title=ticket.title,
            body=markdown(ticket),
            labels=list(relabelled(held.labels, github_labels(ticket))),
        )

    def nest(self, handle: str, parent: str) -> None:
        """A sub-issue, named by the number of the database."""
        self._issues[parent].add_sub_issue(self._issues[handle].id)

    def block(self, handle: str, blocker: str) -> None:
        """A dependency: blocked by."""
        # PyGithub takes the answer, which may be the blocker, for the issue: it is thrown away.
        waiting = self._repository.get_issue(int(handle))
        waiting.add_blocked_by(self._issues[blocker])

    def finish(self, handle: str, comment: str) -> None:
        """Closed as completed, then a comment; on the board first."""
        if self._project:
            self._project.put(self._issues[handle].node_id, DONE)
        self._issues[handle].edit(state="closed", state_reason="completed")
        self._issues[handle].create_comment(comment)

    def _lay(self, issue: Issue) -> None:
        if self._project:
            self._project.put(issue.node_id, DONE if issue.state == "closed" else BACKLOG)

    def _off_board(self, tickets: Sequence[Ticket]) -> Iterator[Supply]:
        if self._project:
            yield from self._project.lacking()
            for key in (one.key for one in tickets if one.key in self._keys):
                if not self._project.holds(self._keys[key].number):
                    yield Supply(CARD, key)


def _said(error: GithubException) -> str:
    """REST has one message, GraphQL a list of errors with one each."""
    data = error.data if isinstance(error.data, dict) else {}
    parts = (data, *(data.get("errors") or ()))
    told = [str(one["message"]) for one in parts if isinstance(one, dict) and "message" in one]
    return error.message or "; ".join(told) or str(error.data)


def _held(issue: Issue, mark: tuple[str, str], parent: str) -> Held:
    summary = issue.issue_dependencies_summary
    waits = summary is None or summary.total_blocked_by
    return Held(
        key=mark[0],
        version=mark[1],
        handle=str(issue.number),
        parent=parent,
        blockers=frozenset(str(one.number) for one in issue.get_blocked_by())
        if waits
        else frozenset(),
        done=issue.state == "closed",
        labels=tuple(label.name for label in issue.labels),
    )


TRACKER = Tracker(
    title="GitHub",
    variables=(
        Variable("GITHUB_API_URL", "the address of the API", PUBLIC),
        Variable("GITHUB_REPOSITORY", "the repository, as OWNER/NAME"),
        Variable("GITHUB_TOKEN", "a token that may write issues", secret=True),
        Variable("GITHUB_PROJECT", "the title of a project to be its board", optional=True),
    ),
    into="GITHUB_REPOSITORY",
    address="GITHUB_API_URL",
    open_board=open_board,
    documents={"script": to_script},
    losses=losses,
)
