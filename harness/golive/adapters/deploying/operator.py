"""Does what the steps of a deploy say: runs commands, asks nodes, has the smoke suite run."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import httpx

from golive.adapters.deploying import migrations
from golive.adapters.deploying.commands import command_of
from golive.adapters.faults.commands import Command
from golive.adapters.http import http_client
from golive.adapters.waiting import until
from golive.errors import StepFailedError, UnobservableError
from golive.model.deploying import Act, Deploy, DeployStep, last_line
from golive.model.target import Target

COMMAND_SECONDS = 180.0
BACKUP_SECONDS = 4 * 3600.0
MIGRATE_SECONDS = 3600.0
LONGEST_SECONDS: Mapping[str, float] = {"backup": BACKUP_SECONDS, "migrate": MIGRATE_SECONDS}
READY_SECONDS = 30.0
ASK_SECONDS = 5.0
OK = "200"

Smoke = Callable[[str], str]
"""Runs the smoke suite at an address (empty = the target's own). Raises StepFailedError."""


@dataclass(frozen=True)
class DeployOperator:
    """The operator of one target. `touched` are servers that an earlier golive has left down."""

    target: Target
    deploy: Deploy
    smoke: Smoke
    touched: Collection[str] = ()

    def perform(self, step: DeployStep, version: str) -> str:
        """Do it; what it printed."""
        match step.act:
            case Act.HEALTHY:
                return self._require_healthy()
            case Act.READY:
                return self._await_ready(step.node, version)
            case Act.SMOKE:
                return self.smoke(self.target.nodes.get(step.node, ""))
            case Act.PENDING:
                return migrations.require_compatible(self._run(step.act, version, step.node))
            case _:
                return self._run(step.act, version, step.node)

    def current(self) -> str:
        """The version that runs now."""
        return self._word("current")

    def command(self, key: str, version: str, node: str) -> Command:
        """A command of `[deploy]`, filled in."""
        return command_of(self.deploy, key, version, node)

    def _run(self, key: str, version: str = "", node: str = "") -> str:
        try:
            command = self.command(key, version, node)
        except UnobservableError as error:
            raise StepFailedError(str(error)) from error
        ran = command.run(LONGEST_SECONDS.get(key, COMMAND_SECONDS))
        if ran.problem:
            raise StepFailedError(f"{command.key}: {ran.problem}")
        return ran.said

    def _word(self, key: str, node: str = "") -> str:
        """The last line that a command prints."""
        word = last_line(self._run(key, node=node))
        if not word:
            raise StepFailedError(f"deploy.{key} printed nothing")
        return word

    def _require_healthy(self) -> str:
        addresses = [f"{self.target.target.base_url}{self.target.target.health}"]
        addresses += [
            f"{self.target.nodes[one]}{self.deploy.ready}"
            for one in self.deploy.order
            if one in self.target.nodes and one not in self.touched
        ]
        for address in addresses:
            self._await_ok(address, ASK_SECONDS)
        return f"200 at {', '.join(addresses)}"

    def _await_ready(self, node: str, version: str) -> str:
        runs = self._word("running", node)
        if runs != version:
            raise StepFailedError(f"{node} runs {runs}, not {version}")
        if url := self.target.nodes.get(node):
            self._await_ok(f"{url}{self.deploy.ready}", READY_SECONDS)
        return f"{node} runs {runs}"

    def _await_ok(self, address: str, within_seconds: float) -> None:
        with http_client(self.target.target.ca_file) as client:
            answer = until(
                lambda: _asked(client, address),
                lambda one: one == OK,
                within_seconds=within_seconds,
            )
        if answer != OK:
            raise StepFailedError(f"{address} answered {answer} for {within_seconds:g} s")


def _asked(client: httpx.Client, address: str) -> str:
    try:
        return str(client.get(address, timeout=ASK_SECONDS).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__
