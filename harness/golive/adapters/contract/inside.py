"""What schemathesis loads in its own process: signs, authenticates, and reports in our words.

Most generated notifications are signed and most generated files are real: unsigned ones never get
past a 401, and bytes without the name of a file never past a 415.
"""

import hashlib
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import cli
from schemathesis.cli.commands.run.context import ExecutionContext
from schemathesis.cli.commands.run.handlers import EventHandler
from schemathesis.engine import Status, events
from schemathesis.engine.recorder import CaseNode, CheckNode, ScenarioRecorder

from golive.adapters.contract.orders import ANSWER, ORDERS, ORDERS_ENV
from golive.model.contract import Broken, Exploration
from golive.model.notification import signature_of

Case = schemathesis.Case[Any]

orders = ORDERS.validate_json(os.environ.pop(ORDERS_ENV))

UNTOUCHED_OF = 5
"""Of so many generated bodies one is sent as it was generated."""
BELOW_REDIRECTION = 300
AUTHENTICATION = "ignored_auth"
SIGNATURE_LENGTHS = (40, 64, 128)
LONGEST_WHAT = 300
_EXPECTED = re.compile(r"\nExpected: [0-9x, ]+")
"""A list of statuses, which hides what follows it."""


def _lot(text: str) -> int:
    """The same for the same text, in every run."""
    return hashlib.sha256(text.encode(errors="replace")).digest()[0]


@schemathesis.auth()
class Token:
    """The target's token, for every call."""

    def get(self, _case: Case, _context: schemathesis.AuthContext) -> str | None:
        """The header's value, None where the target file names no token."""
        return orders.token or None

    def set(self, case: Case, data: str, _context: schemathesis.AuthContext) -> None:
        """Put it into the header."""
        case.headers[orders.token_header] = data


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Sign what looks like a notification, and put a real file into what looks like an upload."""
    label = f"{case.method} {case.operation.path}"
    if not isinstance(case.body, dict):
        return
    if orders.signing and label == f"POST {orders.signing.path}":
        _sign(case.body)
    elif orders.filing and label == orders.filing.call and _is_as_promised(case):
        _file(case.body, kwargs)


def _is_as_promised(case: Case) -> bool:
    return case.meta is None or case.meta.generation.mode.is_positive


def _sign(body: dict[str, Any]) -> None:
    unique_id, given = body.get("unique_id"), body.get("signature")
    if not (isinstance(unique_id, str) and isinstance(given, str)) or orders.signing is None:
        return
    # What was made malformed stays so, and a part stays unsigned.
    if len(given) not in SIGNATURE_LENGTHS or _lot(unique_id + given) % UNTOUCHED_OF == 0:
        return
    # Ids of this run alone: another one's would be a repetition, answered 409 with other terms.
    if unique_id and unique_id.isascii() and unique_id.isalnum():
        digest = hashlib.sha256(repr(sorted(body.items())).encode(errors="replace"))
        body["unique_id"] = f"{orders.marker}-{digest.hexdigest()[:24]}"
    signing = orders.signing
    body["signature"] = signature_of(body["unique_id"], signing.password, signing.algorithm)


def _file(body: dict[str, Any], kwargs: dict[str, Any]) -> None:
    filing = orders.filing
    if filing is None:
        return
    # By `files` of our own, because a generated file has no name that a service could read.
    content = filing.content.encode()
    generated = getattr(body.get(filing.field), "data", b"")
    if generated.strip() and _lot(repr(body)) % UNTOUCHED_OF == 0:
        content = generated
    parts: list[tuple[str, tuple[str | None, bytes, str | None]]] = [
        (filing.field, (filing.name, content, "text/csv"))
    ]
    parts += [(name, (None, text.encode(), None)) for name, text in filing.fields]
    kwargs["files"] = parts


@cli.handler()
class Listener(EventHandler):  # type: ignore[type-arg]
    """Adds up what the engine did, and writes it down at the end."""

    def __init__(self, *arguments: Any, **parameters: Any) -> None:
        super().__init__(*arguments, **parameters)
        self._cases = 0
        self._operations: set[str] = set()
        self._checked: Counter[str] = Counter()
        self._followed: Counter[str] = Counter()
        self._broken: dict[tuple[str, str, str], Broken] = {}
        self._times: Counter[tuple[str, str, str]] = Counter()
        self._problem = "it did not come to its end"

    def handle_event(self, _ctx: ExecutionContext, event: events.EngineEvent) -> None:
        """Take in one event."""
        if isinstance(event, events.ScenarioFinished):
            self._take(event.recorder, event.phase.value)
        elif isinstance(event, events.NonFatalError):
            self._note("network", event.label, "", str(event.value), "")
        elif isinstance(event, events.FatalError):
            self._problem = str(event.exception)[:LONGEST_WHAT]
        elif isinstance(event, events.EngineFinished):
            self._problem = ""

    def shutdown(self, _ctx: ExecutionContext) -> None:
        """Write the answer."""
        Path(orders.answer_file).write_bytes(ANSWER.dump_json(self._exploration()))

    def _exploration(self) -> Exploration:
        found = [Broken(**{**vars(one), "times": self._times[key]}) for key, one in self._all()]
        return Exploration(
            cases=self._cases,
            operations=tuple(sorted(self._operations)),
            checked=tuple(sorted(self._checked.items())),
            followed=tuple(sorted(self._followed.items())),
            broken=tuple(found),
            problem=self._problem,
        )

    def _all(self) -> list[tuple[tuple[str, str, str], Broken]]:
        return sorted(self._broken.items())

    def _take(self, recorder: ScenarioRecorder, phase: str) -> None:
        for case_id, node in recorder.cases.items():
            if case_id in recorder.interactions:
                self._cases += 1
                self._operations.add(node.value.operation.label)
                self._follow(recorder, case_id, node)
            for check in recorder.checks.get(case_id, ()):
                if check.name != AUTHENTICATION or _is_closed(recorder, case_id, node):
                    self._checked[check.name] += 1
                if check.status is Status.FAILURE and check.failure_info:
                    self._fail(check, node, phase)

    def _follow(self, recorder: ScenarioRecorder, case_id: str, node: CaseNode) -> None:
        parent = recorder.cases.get(node.parent_id or "")
        answer = recorder.interactions[case_id].response
        if not (parent and node.transition and answer and node.is_transition_applied):
            return
        if answer.status_code < BELOW_REDIRECTION:
            link = f"{parent.value.operation.label} -> {node.value.operation.label}"
            self._followed[link] += 1

    def _fail(self, check: CheckNode, node: CaseNode, phase: str) -> None:
        info = check.failure_info
        if info is None:
            return
        what = f"{info.failure.title}: {info.failure.message}"
        what = " ".join(_EXPECTED.sub("", what).split())
        curl = info.code_sample.replace(
            f"'{orders.token_header}: [Filtered]'", f'"{orders.token_header}: {orders.token_shown}"'
        )
        self._note(check.name, node.value.operation.label, phase, what, curl)

    def _note(self, check: str, operation: str, phase: str, what: str, curl: str) -> None:
        what = what[:LONGEST_WHAT]
        key = (check, operation, what)
        self._times[key] += 1
        self._broken.setdefault(key, Broken(check, operation, phase, what, curl))


def _is_closed(recorder: ScenarioRecorder, case_id: str, node: CaseNode) -> bool:
    """Whether the call was tried without its credential: only one that is protected by the contract
    and was answered well with it is. schemathesis calls the check kept for all others too.
    """
    interaction = recorder.interactions.get(case_id)
    answer = interaction.response if interaction else None
    operation = node.value.operation
    protected = operation.definition.raw.get(
        "security", operation.schema.raw_schema.get("security")
    )
    return bool(answer and answer.status_code < BELOW_REDIRECTION and protected)
