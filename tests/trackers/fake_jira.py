"""Jira Cloud's REST of issues, as far as the export goes."""

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from tests.trackers.serving import TOKEN, Asked, Entry, FakeTracker, RefusedError

POINTS = "customfield_10016"
KNOWN = {"project", "issuetype", "summary", "description", "labels", "priority", "parent", POINTS}
PAGE = 15


@dataclass
class FakeJira(FakeTracker):
    """One project, SHOP."""

    name = "jira"
    authorization = "Basic " + base64.b64encode(f"jo@acme.test:{TOKEN}".encode()).decode()
    issues: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    comments: dict[str, list[str]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def environment(self) -> dict[str, str]:
        """Site, project, account, token."""
        return {
            "JIRA_URL": self.url,
            "JIRA_PROJECT": "SHOP",
            "JIRA_EMAIL": "jo@acme.test",
            "JIRA_TOKEN": TOKEN,
        }

    def entries(self) -> list[Entry]:
        """Issues."""
        keys = {key: one["summary"].partition(":")[0] for key, one in self.issues.items()}
        return [
            Entry(
                one["summary"],
                keys[one["parent"]["key"]] if "parent" in one else "",
                {keys[blocker] for blocker, blocked in self.links if blocked == key},
                set(one["labels"]),
                one.get(POINTS),
                key in self.closed,
                self.comments.get(key, []),
            )
            for key, one in self.issues.items()
        ]

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """By path."""
        path = asked.path.removeprefix("/rest/api/2")
        match asked.method, path:
            case "GET", "/search/jql":
                return self._search(asked)
            case "GET", "/field":
                return 200, [{"id": POINTS, "name": "Story point estimate"}], {}
            case "POST", "/issue":
                key = f"SHOP-{len(self.issues) + 1}"
                self.issues[key] = self._checked(asked.body["fields"])
                return 201, {"key": key}, {}
            case "POST", "/issueLink":
                assert asked.body["type"] == {"name": "Blocks"}
                pair = (asked.body["inwardIssue"]["key"], asked.body["outwardIssue"]["key"])
                assert set(pair) <= self.issues.keys()
                self.links.append(pair)
                return 201, None, {}
        found = re.fullmatch(r"/issue/(SHOP-\d+)(/\w+)?", path)
        if not found or found[1] not in self.issues:
            raise RefusedError(404, path)
        return self._one(found[1], found[2] or "", asked)

    def _one(self, key: str, what: str, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        match asked.method, what:
            case "PUT", "":
                self.issues[key] |= self._checked(asked.body["fields"])
                return 204, None, {}
            case "POST", "/comment":
                self.comments.setdefault(key, []).append(asked.body["body"])
                return 201, {}, {}
            case "GET", "/transitions":
                statuses = {"11": "indeterminate", "31": "done"}
                return 200, {"transitions": [_transition(*one) for one in statuses.items()]}, {}
            case "POST", "/transitions":
                assert asked.body == {"transition": {"id": "31"}}
                self.closed.add(key)
                return 204, None, {}
        raise RefusedError(405, what)

    def _checked(self, fields: dict[str, Any]) -> dict[str, Any]:
        if unknown := fields.keys() - KNOWN:
            raise RefusedError(400, f"fields that cannot be set: {sorted(unknown)}")
        if any(" " in label for label in fields.get("labels", [])):
            raise RefusedError(400, "a label contains a space")
        parent = fields.get("parent", {}).get("key")
        if parent and self.issues[parent]["issuetype"]["name"] != "Epic":
            raise RefusedError(400, "the parent is no epic")
        if parent and fields.get("issuetype") == {"name": "Epic"}:
            raise RefusedError(400, "an epic has no parent")
        return fields

    def _search(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        assert asked.query["jql"] == 'project = "SHOP" ORDER BY created ASC'
        first = int(asked.query.get("nextPageToken", "0"))
        keys = list(self.issues)[first : first + PAGE]
        document: dict[str, Any] = {"issues": [self._shown(key) for key in keys]}
        if first + PAGE < len(self.issues):
            document["nextPageToken"] = str(first + PAGE)
        return 200, document, {}

    def _shown(self, key: str) -> dict[str, Any]:
        kind = {"name": "Blocks"}
        inward = [
            {"type": kind, "inwardIssue": {"key": one}} for one, other in self.links if other == key
        ]
        outward = [
            {"type": kind, "outwardIssue": {"key": other}}
            for one, other in self.links
            if one == key
        ]
        status = {"statusCategory": {"key": "done" if key in self.closed else "new"}}
        fields = self.issues[key] | {"issuelinks": [*inward, *outward], "status": status}
        return {"key": key, "fields": fields}


def _transition(identifier: str, category: str) -> dict[str, Any]:
    return {"id": identifier, "to": {"statusCategory": {"key": category}}}
