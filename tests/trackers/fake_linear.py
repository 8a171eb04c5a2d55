"""Linear's GraphQL, executed against the part of its schema that the export uses."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import build_schema, graphql_sync

from tests.trackers.serving import TOKEN, Asked, Entry, FakeTracker, RefusedError

SCHEMA = build_schema(Path(__file__).with_name("linear.graphql").read_text())
PAGE = 15
TEAM = "team-1"
STATES = [
    {"id": "s-3", "type": "completed", "position": 3.0},
    {"id": "s-1", "type": "unstarted", "position": 1.0},
    {"id": "s-4", "type": "completed", "position": 4.0},
]


@dataclass
class FakeLinear(FakeTracker):
    """One team, SHOP. Its methods resolve the fields of Query and Mutation."""

    name = "linear"
    authorization = TOKEN
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    label_names: dict[str, str] = field(default_factory=lambda: {"l-0": "bug"})
    relations: list[tuple[str, str]] = field(default_factory=list)
    comments: dict[str, list[str]] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Address, team, key."""
        return {
            "LINEAR_URL": f"{self.url}/graphql",
            "LINEAR_TEAM": "SHOP",
            "LINEAR_API_KEY": TOKEN,
        }

    def limit(self) -> tuple[int, Any, dict[str, str]]:
        """With 400, a code, and milliseconds."""
        reset = str(int((time.time() + 1.2) * 1000))
        error = {"message": "Rate limit exceeded", "extensions": {"code": "RATELIMITED"}}
        return 400, {"errors": [error]}, {"X-RateLimit-Requests-Reset": reset}

    def is_write(self, asked: Asked) -> bool:
        """Everything is a POST."""
        return str(asked.body["query"]).startswith("mutation")

    def entries(self) -> list[Entry]:
        """Issues."""
        keys = {number: one["title"].partition(":")[0] for number, one in self.made.items()}
        return [
            Entry(
                one["title"],
                keys.get(one.get("parentId", ""), ""),
                {keys[a] for a, b in self.relations if b == number},
                {self.label_names[label] for label in one["labelIds"]},
                one.get("estimate"),
                one.get("stateId") == "s-3",
                self.comments.get(number, []),
            )
            for number, one in self.made.items()
        ]

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """Executed by graphql-core: a query that the schema does not allow is refused."""
        if asked.path != "/graphql":
            raise RefusedError(404, asked.path)
        done = graphql_sync(
            SCHEMA, asked.body["query"], self, variable_values=asked.body["variables"]
        )
        return 200, done.formatted, {}

    def teams(self, _info: object, **given: Any) -> Any:
        """By key."""
        known = given["filter"]["key"]["eq"] == "SHOP"
        return {"nodes": [{"id": TEAM, "states": {"nodes": STATES}}] if known else []}

    def issueLabels(self, _info: object, **given: Any) -> Any:  # noqa: N802 - the schema's name
        """Labels of the team and of everybody."""
        either = [{"team": {"id": {"eq": TEAM}}}, {"team": {"null": True}}]
        assert given["filter"] == {"or": either}
        nodes = [{"id": number, "name": name} for number, name in self.label_names.items()]
        return _page(nodes, given)

    def issues(self, _info: object, **given: Any) -> Any:
        """Issues whose description contains a text."""
        assert given["filter"]["team"] == {"id": {"eq": TEAM}}
        text = given["filter"]["description"]["contains"]
        found = [number for number, one in self.made.items() if text in one["description"]]
        return _page([self._shown(number) for number in reversed(found)], given)

    def issueLabelCreate(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """A label."""
        assert given["input"]["teamId"] == TEAM
        number = f"l-{len(self.label_names)}"
        self.label_names[number] = given["input"]["name"]
        return {"issueLabel": {"id": number, "name": given["input"]["name"]}}

    def issueCreate(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """An issue."""
        assert given["input"]["teamId"] == TEAM
        number = f"i-{len(self.made) + 1:03}"
        self.made[number] = dict(given["input"])
        return {"success": True, "issue": {"id": number}}

    def issueUpdate(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """Fields and labels of an issue."""
        issue, changes = self.made[given["id"]], dict(given["input"])
        labels = [*issue["labelIds"], *changes.pop("addedLabelIds", [])]
        removed = changes.pop("removedLabelIds", [])
        issue.update(changes, labelIds=[one for one in labels if one not in removed])
        return {"success": True}

    def issueRelationCreate(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """One blocks the other."""
        assert given["input"]["type"] == "blocks"
        pair = (given["input"]["issueId"], given["input"]["relatedIssueId"])
        assert set(pair) <= self.made.keys()
        self.relations.append(pair)
        return {"success": True}

    def commentCreate(self, _info: object, **given: Any) -> Any:  # noqa: N802
        """A comment."""
        self.comments.setdefault(given["input"]["issueId"], []).append(given["input"]["body"])
        return {"success": True}

    def _shown(self, number: str) -> dict[str, Any]:
        issue = self.made[number]
        labels = [{"id": one, "name": self.label_names[one]} for one in issue["labelIds"]]
        blockers = [
            {"type": "blocks", "issue": {"id": a}} for a, b in self.relations if b == number
        ]
        done = issue.get("stateId") == "s-3"
        return {
            "id": number,
            "identifier": f"SHOP-{number}",
            "description": issue["description"],
            "createdAt": number,
            "parent": {"id": issue["parentId"]} if "parentId" in issue else None,
            "state": STATES[0] if done else STATES[1],
            "labels": {"nodes": labels, "pageInfo": {"hasNextPage": False}},
            "inverseRelations": {"nodes": blockers},
        }


def _page(nodes: Sequence[Any], given: dict[str, Any]) -> Any:
    first = int(given.get("after") or 0)
    end = min(first + PAGE, len(nodes))
    more = {"hasNextPage": end < len(nodes), "endCursor": str(end)}
    return {"nodes": nodes[first:end], "pageInfo": more}
