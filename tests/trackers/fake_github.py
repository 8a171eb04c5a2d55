"""GitHub's REST of issues, as far as the export goes; beside it the GraphQL of projects."""

import re
from dataclasses import dataclass, field
from typing import Any

from golive.model.ticket import read_mark
from tests.trackers.fake_projects import FakeProjects
from tests.trackers.serving import TOKEN, Asked, Entry, FakeTracker, RefusedError

DATABASE = 9000
REPOSITORY = "/repos/acme/shop"


@dataclass
class FakeGithub(FakeTracker):
    """One repository, acme/shop."""

    name = "github"
    authorization = f"token {TOKEN}"
    prefix: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=lambda: {"bug": "ff0000"})
    milestones: list[dict[str, Any]] = field(default_factory=list)
    parents: dict[int, int] = field(default_factory=dict)
    blockers: dict[int, list[int]] = field(default_factory=dict)
    comments: dict[int, list[str]] = field(default_factory=dict)
    projects: FakeProjects = field(default_factory=FakeProjects)

    def environment(self) -> dict[str, str]:
        """The variables that GitHub's own actions set."""
        return {
            "GITHUB_API_URL": self.url,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_TOKEN": TOKEN,
        }

    def entries(self) -> list[Entry]:
        """Issues, without pull requests."""
        own = [issue for issue in self.issues if "pull_request" not in issue]
        keys = {one["number"]: str((read_mark(one["body"]) or ("",))[0]) for one in own}
        return [self._entry(issue, keys) for issue in own]

    def _entry(self, issue: dict[str, Any], keys: dict[int, str]) -> Entry:
        number, labels = issue["number"], set(issue["labels"])
        points = [one.split(": ")[1] for one in labels if one.startswith("story-points: ")]
        return Entry(
            issue["title"],
            keys[self.parents[number]] if number in self.parents else "",
            {keys[one] for one in self.blockers.get(number, [])},
            labels,
            float(points[0]) if points else None,
            issue["state"] == "closed",
            self.comments.get(number, []),
        )

    def is_write(self, asked: Asked) -> bool:
        """GraphQL is always a POST."""
        if asked.path.endswith("/graphql"):
            return str(asked.body["query"]).startswith("mutation")
        return super().is_write(asked)

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """By path."""
        if asked.path == f"{self.prefix.removesuffix('/v3')}/graphql":
            return 200, self.projects.answer(asked), {}
        return self._rest(asked)

    def _rest(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        path = asked.path.removeprefix(self.prefix).removeprefix(REPOSITORY)
        if path in ("/labels", "/milestones"):
            return self._named(asked, path)
        if path == "/issues":
            return self._create(asked) if asked.method == "POST" else self._list(asked)
        found = re.fullmatch(r"/issues/(\d+)(/.*)?", path)
        if not found:
            raise RefusedError(404, f"Not Found: {path}")
        issue = self._issue(int(found[1]))
        match found[2]:
            case None:
                return self._edit(issue, asked)
            case "/sub_issues":
                return self._sub_issues(issue, asked)
            case "/dependencies/blocked_by":
                return self._blocked_by(issue, asked)
            case "/comments":
                self.comments.setdefault(issue["number"], []).append(asked.body["body"])
                return 201, {"id": 1, "body": asked.body["body"]}, {}
        return self._labels_of(issue, str(found[2]), asked)

    def _named(self, asked: Asked, path: str) -> tuple[int, Any, dict[str, str]]:
        if asked.method == "GET":
            labels = [{"name": name, "color": colour} for name, colour in self.labels.items()]
            return 200, labels if path == "/labels" else self.milestones, {}
        if path == "/labels":
            if asked.body["name"] in self.labels:
                raise RefusedError(422, "already_exists")
            self.labels[asked.body["name"]] = asked.body["color"]
            return 201, {"name": asked.body["name"], "color": asked.body["color"]}, {}
        milestone = {"number": len(self.milestones) + 1, **asked.body}
        milestone["url"] = f"{asked.base}{asked.path}/{milestone['number']}"
        self.milestones.append(milestone)
        return 201, milestone, {}

    def _issue(self, number: int) -> dict[str, Any]:
        for issue in self.issues:
            if issue["number"] == number:
                return issue
        raise RefusedError(404, "Not Found")

    def _shown(self, issue: dict[str, Any], asked: Asked) -> dict[str, Any]:
        number = issue["number"]
        below = [child for child, parent in self.parents.items() if parent == number]
        blockers = self.blockers.get(number, [])
        closed = [one for one in blockers if self._issue(one)["state"] == "closed"]
        return {
            **issue,
            "url": f"{asked.base}{self.prefix}{REPOSITORY}/issues/{number}",
            "node_id": f"I_{number}",
            "labels": [{"name": name} for name in issue["labels"]],
            "sub_issues_summary": {"total": len(below), "completed": 0, "percent_completed": 0},
            "issue_dependencies_summary": {
                "blocked_by": len(blockers) - len(closed),
                "total_blocked_by": len(blockers),
            },
        }

    def _list(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        assert asked.query["state"] == "all", "closed issues would be made a second time"
        size, page = min(int(asked.query["per_page"]), 20), int(asked.query.get("page", "1"))
        first = (page - 1) * size
        shown = [self._shown(one, asked) for one in self.issues[first : first + size]]
        more = first + size < len(self.issues)
        query = "&".join(f"{k}={v}" for k, v in (asked.query | {"page": str(page + 1)}).items())
        link = {"Link": f'<{asked.base}{asked.path}?{query}>; rel="next"'} if more else {}
        return 200, shown, link

    def _create(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        number = len(self.issues) + 1
        issue = {
            "number": number,
            "id": DATABASE + number,
            "title": asked.body["title"],
            "body": asked.body["body"],
            "labels": list(asked.body.get("labels", [])),
            "milestone": self._milestone(asked.body.get("milestone")),
            "state": "open",
        }
        self.issues.append(issue)
        return 201, self._shown(issue, asked), {}

    def _milestone(self, number: int | None) -> dict[str, Any] | None:
        if number is None:
            return None
        if number > len(self.milestones):
            raise RefusedError(422, f"no milestone {number}")
        return self.milestones[number - 1]

    def _edit(self, issue: dict[str, Any], asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.method == "PATCH":
            body = dict(asked.body)
            if "milestone" in body:
                body["milestone"] = self._milestone(body["milestone"])
            issue.update(body)
        return 200, self._shown(issue, asked), {}

    def _by_id(self, identifier: object) -> dict[str, Any]:
        if not isinstance(identifier, int):
            raise RefusedError(422, "an id is a number")
        return self._issue(identifier - DATABASE)

    def _sub_issues(self, issue: dict[str, Any], asked: Asked) -> tuple[int, Any, dict[str, str]]:
        number = issue["number"]
        if asked.method == "POST":
            child = self._by_id(asked.body["sub_issue_id"])["number"]
            if child in self.parents:
                raise RefusedError(422, "sub-issues may only have one parent")
            self.parents[child] = number
            return 201, self._shown(self._issue(child), asked), {}
        below = [child for child, parent in self.parents.items() if parent == number]
        return 200, [self._shown(self._issue(one), asked) for one in below], {}

    def _blocked_by(self, issue: dict[str, Any], asked: Asked) -> tuple[int, Any, dict[str, str]]:
        blockers = self.blockers.setdefault(issue["number"], [])
        if asked.method == "POST":
            blocker = self._by_id(asked.body["issue_id"])
            if blocker["number"] in blockers:
                raise RefusedError(422, "already blocked by it")
            blockers.append(blocker["number"])
            return 201, self._shown(blocker, asked), {}
        return 200, [self._shown(self._issue(one), asked) for one in blockers], {}

    def _labels_of(
        self, issue: dict[str, Any], path: str, asked: Asked
    ) -> tuple[int, Any, dict[str, str]]:
        if asked.method == "DELETE":
            issue["labels"].remove(path.removeprefix("/labels/"))
        elif asked.method == "POST":
            issue["labels"] += [one for one in asked.body["labels"] if one not in issue["labels"]]
        return 200, [{"name": name} for name in issue["labels"]], {}
