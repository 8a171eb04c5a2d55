"""A project of GitHub: the board on which the issues of an epic lie. Only its GraphQL knows them.

The columns of a board are the options of the project's field Status. Fields and arguments are those
of https://docs.github.com/en/graphql/reference/projects.
"""

from collections.abc import Callable, Iterator
from typing import Any

from golive.errors import TrackerError
from golive.model.tracker import Supply

PROJECT, COLUMN = "project", "column"
STATUS = "Status"
BACKLOG, DONE = "Backlog", "Done"
COLUMNS = {BACKLOG: "GRAY", "In Progress": "YELLOW", "In Review": "PURPLE", DONE: "GREEN"}
"""From left to right, with their colours."""

FIND = """query($owner: String!, $name: String!, $title: String!) {
  repository(owner: $owner, name: $name) {
    id owner { id ... on ProjectV2Owner {
      projectsV2(first: 100, query: $title) { nodes { id title closed } }
    } }
  }
}"""
LOOK = """query($project: ID!, $field: String!, $after: String) {
  node(id: $project) { ... on ProjectV2 {
    field(name: $field) { ... on ProjectV2SingleSelectField {
      id options { id name color description }
    } }
    items(first: 100, after: $after, archivedStates: [ARCHIVED, NOT_ARCHIVED]) {
      nodes {
        content { ... on Issue { number repository { nameWithOwner } } }
        fieldValueByName(name: $field) { ... on ProjectV2ItemFieldSingleSelectValue { name } }
      }
      pageInfo { hasNextPage endCursor }
    }
  } }
}"""
MAKE = """mutation($input: CreateProjectV2Input!) {
  createProjectV2(input: $input) { projectV2 { id } }
}"""
DIVIDE = """mutation($input: UpdateProjectV2FieldInput!) {
  updateProjectV2Field(input: $input) {
    projectV2Field { ... on ProjectV2SingleSelectField { id } }
  }
}"""
PUT = """mutation($input: AddProjectV2ItemByIdInput!, $field: String!) {
  addProjectV2ItemById(input: $input) { item {
    id
    fieldValueByName(name: $field) { ... on ProjectV2ItemFieldSingleSelectValue { name } }
  } }
}"""
MOVE = """mutation($input: UpdateProjectV2ItemFieldValueInput!) {
  updateProjectV2ItemFieldValue(input: $input) { projectV2Item { id } }
}"""
SCRIPT_WORDS = {
    "STATUS": STATUS,
    "BACKLOG": BACKLOG,
    "DONE": DONE,
    "FIND": FIND,
    "LOOK": LOOK,
    "MAKE": MAKE,
    "DIVIDE": DIVIDE,
    "PUT": PUT,
    "MOVE": MOVE,
}
"""What the script knows by these names, too."""

Ask = Callable[..., Any]
"""Asks with a document and its variables; gives what is in `data`. Raises GithubException."""


class Project:
    """The open project of that title which the repository's owner has; perhaps not yet.

    `ask` sends GraphQL, `repository` is OWNER/NAME. Nothing is written before `supply`.
    """

    def __init__(self, ask: Ask, repository: str, title: str) -> None:
        self._ask = ask
        self._repository = repository
        self._title = title
        owner, _, name = repository.partition("/")
        found = ask(FIND, owner=owner, name=name, title=title)["repository"]
        self._place = {"ownerId": found["owner"]["id"], "repositoryId": found["id"]}
        listed = found["owner"]["projectsV2"]["nodes"]
        alike = (one for one in listed if one["title"] == title and not one["closed"])
        self._id = str(next(alike, {"id": ""})["id"])
        self._field: dict[str, Any] = {"options": []}
        self._items: list[dict[str, Any]] = []
        if self._id:
            self._look()

    def lacking(self) -> Iterator[Supply]:
        """The project, or the columns that it does not have."""
        if not self._id:
            yield Supply(PROJECT, self._title)
            return
        yield from (Supply(COLUMN, name) for name in COLUMNS if name not in self._columns())

    def supply(self) -> None:
        """Make what is lacking, all of it."""
        if not self._id:
            made = self._ask(MAKE, input=self._place | {"title": self._title})
            self._id = made["createProjectV2"]["projectV2"]["id"]
            self._look()
        if not COLUMNS.keys() <= self._columns().keys():
            self._divide()
            self._look()

    def holds(self, number: int) -> bool:
        """Whether an issue of the repository lies in a column."""
        return any(
            item["fieldValueByName"]
            for item in self._items
            if item["content"]
            and item["content"]["number"] == number
            and item["content"]["repository"]["nameWithOwner"].lower() == self._repository.lower()
        )

    def put(self, node: str, column: str) -> None:
        """Lay an issue, named by its global id, into a column; its place before is left."""
        where = {"projectId": self._id, "contentId": node}
        item = self._ask(PUT, input=where, field=STATUS)["addProjectV2ItemById"]["item"]["id"]
        value = {"singleSelectOptionId": self._columns()[column]}
        place = {"projectId": self._id, "itemId": item, "fieldId": self._field["id"]}
        self._ask(MOVE, input=place | {"value": value})

    def _columns(self) -> dict[str, str]:
        """Names of columns -> their ids."""
        return {one["name"]: one["id"] for one in self._field["options"]}

    def _look(self) -> None:
        self._items = []
        after: str | None = None
        while True:
            node = self._ask(LOOK, project=self._id, field=STATUS, after=after)["node"]
            self._items += node["items"]["nodes"]
            after = node["items"]["pageInfo"]["endCursor"]
            if not node["items"]["pageInfo"]["hasNextPage"]:
                break
        if not (node["field"] or {}).get("id"):
            raise TrackerError(
                f"the project {self._title!r} has no field {STATUS} to choose from",
                remedy="Give GITHUB_PROJECT another title: a project of that title is made.",
            )
        self._field = node["field"]

    def _divide(self) -> None:
        """Options are written all at once. Those that are sent with their id keep their cards; on
        a board without cards nobody needs the ones that GitHub began it with.
        """
        there = {one["name"]: one for one in self._field["options"]}
        ours = {
            name: there.get(name, {"name": name, "color": colour, "description": ""})
            for name, colour in COLUMNS.items()
        }
        options = (there | ours) if self._items else ours
        wanted = {"fieldId": self._field["id"], "singleSelectOptions": list(options.values())}
        self._ask(DIVIDE, input=wanted)
