"""GitHub's projects, executed against the part of its schema that the export uses."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import build_schema, graphql_sync

from tests.trackers.serving import Asked

SCHEMA = build_schema(Path(__file__).with_name("github.graphql").read_text())
PAGE = 15
OWNER = "O_acme"
REPOSITORY: dict[str, Any] = {"id": "R_shop", "nameWithOwner": "acme/shop"}
BEGUN_WITH = {"Todo": "GREEN", "In Progress": "YELLOW", "Done": "PURPLE"}


@dataclass
class Card:
    """An item of a project, and the option that its Status has."""

    id: str
    issue: int
    option: str = ""
    archived: bool = False


@dataclass
class Board:
    """A project."""

    id: str
    title: str
    closed: bool = False
    options: list[dict[str, str]] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    def columns(self) -> dict[str, set[int]]:
        """Column -> numbers of the issues in it, columns from left to right."""
        return {
            one["name"]: {card.issue for card in self.cards if card.option == one["id"]}
            for one in self.options
        }


@dataclass
class FakeProjects:
    """The projects of acme. Its methods resolve the fields of Query and Mutation."""

    boards: list[Board] = field(default_factory=list)
    scopes: bool = True
    """Whether the token may read and write projects."""
    fields: int = 0

    def answer(self, asked: Asked) -> dict[str, Any]:
        """Executed by graphql-core: a document that the schema does not allow is refused."""
        if not self.scopes:
            return {"errors": [{"message": "the token lacks 'project'", "type": "X"}], "data": None}
        variables = asked.body["variables"]
        done = graphql_sync(SCHEMA, asked.body["query"], self, variable_values=variables)
        return dict(done.formatted)

    def begin(self, title: str) -> Board:
        """A project as GitHub makes it."""
        board = Board(f"P_{len(self.boards) + 1}", title)
        board.options = self._options({"name": k, "color": v} for k, v in BEGUN_WITH.items())
        self.boards.append(board)
        return board

    def repository(self, _info: object, **given: Any) -> Any:
        """acme/shop alone."""
        if (given["owner"], given["name"]) != ("acme", "shop"):
            return None
        owner = {"__typename": "Organization", "id": OWNER, "projectsV2": self._listed}
        return REPOSITORY | {"owner": owner}

    def _listed(self, _info: object, **given: Any) -> Any:
        alike = [one for one in self.boards if given["query"].lower() in one.title.lower()]
        return {"nodes": [self._shown(one) for one in alike]}

    def node(self, _info: object, **given: Any) -> Any:
        """A project by its id."""
        return self._shown(self._board(given["id"]))

    def createProjectV2(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """An empty one."""
        wanted = given["input"]
        assert (wanted["ownerId"], wanted["repositoryId"]) == (OWNER, REPOSITORY["id"])
        return {"projectV2": self._shown(self.begin(wanted["title"]))}

    def updateProjectV2Field(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """All options anew: cards stay where an option comes with the id that it had."""
        board = self._board(given["input"]["fieldId"].removesuffix("/Status"))
        board.options = self._options(given["input"]["singleSelectOptions"])
        there = {one["id"] for one in board.options}
        for card in board.cards:
            card.option = card.option if card.option in there else ""
        return {"projectV2Field": self._field(board)}

    def addProjectV2ItemById(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """The item that is there already, or a new one in no column."""
        board = self._board(given["input"]["projectId"])
        number = int(given["input"]["contentId"].removeprefix("I_"))
        card = next((one for one in board.cards if one.issue == number), None)
        if card is None:
            card = Card(f"{board.id}/{number}", number)
            board.cards.append(card)
        return {"item": self._item(board, card)}

    def updateProjectV2ItemFieldValue(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """Its column."""
        wanted = given["input"]
        board = self._board(wanted["projectId"])
        assert wanted["fieldId"] == f"{board.id}/Status"
        option = wanted["value"]["singleSelectOptionId"]
        assert option in {one["id"] for one in board.options}
        card = next(one for one in board.cards if one.id == wanted["itemId"])
        card.option = option
        return {"projectV2Item": self._item(board, card)}

    def _options(self, given: Any) -> list[dict[str, str]]:
        made = []
        for one in given:
            self.fields += 1
            made.append({"description": "", "id": f"o{self.fields}", **one})
        return made

    def _board(self, identifier: str) -> Board:
        return next(one for one in self.boards if one.id == identifier)

    def _field(self, board: Board) -> Any:
        kind = "ProjectV2SingleSelectField"
        return {"__typename": kind, "id": f"{board.id}/Status", "options": board.options}

    def _shown(self, board: Board) -> Any:
        def items(_info: object, **given: Any) -> Any:
            first = int(given.get("after") or 0)
            states = ("ARCHIVED" if one.archived else "NOT_ARCHIVED" for one in board.cards)
            wanted = (state in given["archivedStates"] for state in states)
            shown = [one for one, is_wanted in zip(board.cards, wanted, strict=True) if is_wanted]
            return {
                "nodes": [self._item(board, one) for one in shown[first : first + PAGE]],
                "pageInfo": {
                    "hasNextPage": first + PAGE < len(shown),
                    "endCursor": str(first + PAGE),
                },
            }

        def named(_info: object, name: str) -> Any:
            return self._field(board) if name == "Status" else None

        more = {"title": board.title, "closed": board.closed, "items": items, "field": named}
        return {"__typename": "ProjectV2", "id": board.id, **more}

    def _item(self, board: Board, card: Card) -> Any:
        option = next((one["name"] for one in board.options if one["id"] == card.option), None)
        value = {"__typename": "ProjectV2ItemFieldSingleSelectValue", "name": option}
        content = {"__typename": "Issue", "number": card.issue, "repository": REPOSITORY}
        return {
            "id": card.id,
            "content": content,
            "fieldValueByName": lambda _info, **_given: value if option else None,
        }
