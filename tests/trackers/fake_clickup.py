"""ClickUp's REST of tasks, as far as the export goes."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

from tests.trackers.serving import TOKEN, Asked, Entry, FakeTracker, RefusedError

POINTS = "f-points"
PAGE = 15
CREATED = {"name", "markdown_content", "priority", "time_estimate", "tags", "parent"}
UPDATED = {"name", "markdown_content", "priority", "time_estimate", "parent", "status"}


@dataclass
class FakeClickUp(FakeTracker):
    """One list, 901."""

    name = "clickup"
    authorization = TOKEN
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    waits: list[tuple[str, str]] = field(default_factory=list)
    comments: dict[str, list[str]] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)

    def environment(self) -> dict[str, str]:
        """Address, list, token."""
        return {"CLICKUP_URL": self.url, "CLICKUP_LIST": "901", "CLICKUP_TOKEN": TOKEN}

    def limit(self) -> tuple[int, Any, dict[str, str]]:
        """No Retry-After, but the second in which it may be asked again."""
        return 429, {"err": "limit"}, {"X-RateLimit-Reset": str(int(time.time()) + 2)}

    def entries(self) -> list[Entry]:
        """Tasks."""
        keys = {number: one["name"].partition(":")[0] for number, one in self.tasks.items()}
        return [
            Entry(
                one["name"],
                keys.get(one["parent"] or "", ""),
                {keys[blocker] for task, blocker in self.waits if task == number},
                set(one["tags"]),
                one["points"],
                one["status"] == "complete",
                self.comments.get(number, []),
            )
            for number, one in self.tasks.items()
        ]

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """By path."""
        match asked.method, asked.path:
            case "GET", "/list/901":
                kinds = {"to do": "open", "doing": "custom", "complete": "closed"}
                statuses = [{"status": name, "type": kind} for name, kind in kinds.items()]
                return 200, {"statuses": statuses}, {}
            case "GET", "/list/901/field":
                fields = [{"id": POINTS, "name": "Story Points", "type": "number"}]
                return 200, {"fields": fields}, {}
            case "GET", "/list/901/task":
                return self._list(asked)
            case "POST", "/list/901/task":
                return self._create(asked.body)
        found = re.fullmatch(r"/task/(\w+)(?:/(\w+)(?:/(.+))?)?", asked.path)
        if not found or found[1] not in self.tasks:
            raise RefusedError(404, asked.path)
        self._one(found[1], found[2] or "", found[3] or "", asked)
        return 200, {}, {}

    def _create(self, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if unknown := body.keys() - CREATED - {"custom_fields"}:
            raise RefusedError(400, f"unknown: {sorted(unknown)}")
        if (body.get("parent") or "") not in {"", *self.tasks}:
            raise RefusedError(400, "no such parent")
        number = f"t{len(self.tasks) + 1}"
        values = {one["id"]: one["value"] for one in body.get("custom_fields", [])}
        self.tasks[number] = {
            "parent": None,
            "status": "to do",
            "tags": [],
            **body,
            "points": values.get(POINTS),
        }
        return 200, {"id": number}, {}

    def _one(self, number: str, what: str, name: str, asked: Asked) -> None:
        task = self.tasks[number]
        match asked.method, what:
            case "PUT", "":
                if unknown := asked.body.keys() - UPDATED:
                    raise RefusedError(400, f"unknown: {sorted(unknown)}")
                task.update(asked.body)
            case "POST", "tag":
                task["tags"].append(name)
            case "DELETE", "tag":
                task["tags"].remove(name)
            case "POST", "field":
                assert name == POINTS
                task["points"] = asked.body["value"]
            case "POST", "dependency":
                assert asked.body["depends_on"] in self.tasks
                self.waits.append((number, asked.body["depends_on"]))
            case "POST", "comment":
                self.comments.setdefault(number, []).append(asked.body["comment_text"])
            case _:
                raise RefusedError(404, what)

    def _list(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        assert asked.query["subtasks"] == asked.query["include_closed"] == "true"
        first = int(asked.query["page"]) * PAGE
        archived = asked.query.get("archived") == "true"
        asked_for = [one for one in self.tasks if (one in self.archived) is archived]
        shown = [self._shown(number) for number in asked_for[first : first + PAGE]]
        return 200, {"tasks": shown, "last_page": first + PAGE >= len(asked_for)}, {}

    def _shown(self, number: str) -> dict[str, Any]:
        task = self.tasks[number]
        waits = [pair for pair in self.waits if number in pair]
        return {
            "id": number,
            "date_created": str(1_700_000_000_000 + int(number[1:])),
            "parent": task["parent"],
            "markdown_description": task["markdown_content"],
            "tags": [{"name": name} for name in task["tags"]],
            "status": {"type": "closed" if task["status"] == "complete" else "open"},
            "dependencies": [{"task_id": one, "depends_on": other} for one, other in waits],
        }
