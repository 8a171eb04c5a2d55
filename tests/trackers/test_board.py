"""GitHub's project: the board on which the issues of the epic lie."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from github import GithubException

from golive.adapters.trackers.github import open_board
from golive.errors import TrackerError
from tests.trackers.fake_github import FakeGithub
from tests.trackers.fake_projects import Board, Card
from tests.trackers.serving import TOKEN, reachable
from tests.trackers.test_progress import bind
from tests.trackers.test_synchronising import TICKETS

TITLE = 'Go-live "v1"'
COLUMNS = ["Backlog", "In Progress", "In Review", "Done"]


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGithub]:
    """GitHub, with a board wanted."""
    with reachable(FakeGithub(), monkeypatch) as serving:
        monkeypatch.setenv("GITHUB_PROJECT", TITLE)
        yield serving


def numbers(github: FakeGithub, *keys: str) -> set[int]:
    """The issues of these keys."""
    return {one["number"] for one in github.issues if one["title"].partition(":")[0] in keys}


def test_every_issue_lies_in_the_first_column(github: FakeGithub, export) -> None:
    """A project is made with the epic's four columns; a second export makes and moves nothing."""
    first = export("--to", "github")
    made = len(github.writes)
    second = export("--to", "github")

    assert (first.code, second.code) == (0, 0), first.err + second.err
    (board,) = github.projects.boards
    assert board.title == TITLE
    assert list(board.columns()) == COLUMNS
    assert board.columns()["Backlog"] == numbers(github, *TICKETS)
    assert len(github.writes) == made
    assert "nothing to change" in second.out


def test_what_people_moved_stays(github: FakeGithub, export) -> None:
    """A card in another column, and one that was archived, are left; one thrown away comes back."""
    export("--to", "github")
    (board,) = github.projects.boards
    board.cards[3].option = board.options[2]["id"]
    board.cards[4].archived = True
    gone = board.cards.pop(5).issue
    made = len(github.writes)

    ran = export("--to", "github")

    assert ran.code == 0, ran.err
    assert [line for line in ran.out.splitlines() if line.startswith("add")] == [
        f"add     card {next(key for key in TICKETS if numbers(github, key) == {gone})}"
    ]
    assert len(github.writes) - made == 2
    assert board.columns()["In Review"] == {board.cards[3].issue}
    assert gone in board.columns()["Backlog"]


def test_a_project_of_theirs_keeps_its_columns(github: FakeGithub, export) -> None:
    """What is lacking is added; cards that lie there stay. Closed projects are let be."""
    github.projects.begin(TITLE).closed = True
    theirs = github.projects.begin(TITLE)
    github.projects.begin(f"{TITLE} of another team")
    theirs.cards.append(_card(theirs, "Todo"))

    ran = export("--to", "github")

    assert ran.code == 0, ran.err
    assert len(github.projects.boards) == 3
    assert list(theirs.columns()) == ["Todo", "In Progress", "Done", "Backlog", "In Review"]
    assert theirs.columns()["Todo"] == {999}
    assert theirs.columns()["Backlog"] == numbers(github, *TICKETS)


def _card(board: Board, column: str) -> Card:
    option = next(one["id"] for one in board.options if one["name"] == column)
    return Card(f"{board.id}/999", 999, option)


def test_a_proven_task_is_moved_to_done(
    github: FakeGithub, export, epic: Path, run_of_health: Path
) -> None:
    """Closed, commented and in the last column; the others stay in the first."""
    bind(epic, ["smoke.health"])

    ran = export("--to", "github", "--epic", epic, "--run", run_of_health)

    assert ran.code == 0, ran.err
    (board,) = github.projects.boards
    assert board.columns()["Done"] == numbers(github, "THR-601")
    assert len(board.columns()["Backlog"]) == len(TICKETS) - 1


def test_a_dry_run_makes_no_project(github: FakeGithub, export) -> None:
    """It says that it would."""
    ran = export("--to", "github", "--dry-run")

    assert ran.code == 0, ran.err
    assert f"would add     project {TITLE}" in ran.out
    assert not github.projects.boards
    assert not github.writes


@pytest.mark.parametrize("write", [13, 14, 15, 20, 21, 22])
def test_a_board_that_broke_off_is_finished(github: FakeGithub, export, write: int) -> None:
    """Wherever it broke off, the next export makes the rest, and no second project."""
    github.lose_write = write

    broken, again = export("--to", "github"), export("--to", "github")

    assert (broken.code, again.code) == (3, 0), broken.err + again.err
    (board,) = github.projects.boards
    assert board.columns() == {name: set() for name in COLUMNS} | {
        "Backlog": numbers(github, *TICKETS)
    }
    assert len(github.by_key()) == len(TICKETS)


def test_a_token_without_the_right_is_told(github: FakeGithub, export) -> None:
    """In GitHub's own words, before anything was written."""
    github.projects.scopes = False

    ran = export("--to", "github")

    assert ran.code == 3
    assert "the token lacks 'project'" in ran.err
    assert not github.writes


@pytest.mark.parametrize(
    "told",
    [
        {"message": "Validation Failed", "errors": [{"resource": "Label", "code": "custom"}]},
        {"errors": [{"type": "X", "message": "Validation Failed"}], "data": None},
        "Validation Failed",
    ],
)
def test_what_github_says_is_told(told: object) -> None:
    """REST's message, GraphQL's errors, or whatever else came."""
    values = {
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_PROJECT": "",
    }
    with pytest.raises(TrackerError) as refused, open_board(values):
        raise GithubException(422, told)

    assert refused.value.message == "GitHub answered 422: Validation Failed"
