"""`python -m golive.adapters.native.releasing FOLDER VERB …`: one step of a deployment.

VERSION is a release, a revision or a folder for `check`, `pending` and `prepare`; elsewhere it is
what `prepare` printed. `current`, `check`, `pending` and `running` only look.
"""

import argparse
import contextlib
import fcntl
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from golive.adapters.native import places
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.control.roles import WORKER
from golive.adapters.native.releases import CHECKOUT, Releases
from golive.adapters.native.releasing import balancer, saving, servers, sources
from golive.errors import DeploymentError, GoliveError
from golive.model.deployment import DeploymentState

NEEDED_SPACE_BYTES = 500 * 1024**2
MIGRATE_SECONDS = 600
API = "api-"
NODES = 2
LOCK = "releasing.lock"


@dataclass(frozen=True)
class Releasing:
    """One deployment, and what can be done to it."""

    deployed: Deployed
    checkout: Path

    @property
    def releases(self) -> Releases:
        """Its releases."""
        return Releases(self.deployed.folder)

    def current(self) -> str:
        """Print the release that all of its servers run."""
        found = {role: servers.running(self.deployed, role) for role in self._roles()}
        if len(set(found.values())) != 1:
            said = ", ".join(f"{role}: {release}" for role, release in found.items())
            raise DeploymentError(f"its servers run different releases: {said}")
        return next(iter(found.values()))

    def check(self, version: str, to: Path) -> str:
        """Say whether the version can be deployed here: it is whole, and there is room for it and
        for a backup.
        """
        deployment = self.deployed.snapshot().deployment
        if deployment.state is not DeploymentState.READY:
            raise DeploymentError(f"{deployment.title} is {deployment.state}")
        if deployment.variant:
            raise DeploymentError(f"{deployment.title} runs a defect, which is no release")
        if sum(role.startswith(API) for role in self._roles()) < NODES:
            raise DeploymentError(
                "one API node alone cannot be replaced without failing requests",
                remedy="Start two or more: golive up --fresh --api-nodes 2",
            )
        free = shutil.disk_usage(self.deployed.folder).free
        if free < NEEDED_SPACE_BYTES:
            raise DeploymentError(f"{free / 1024**2:.0f} MB are free in {self.deployed.folder}")
        with sources.at_hand(self.releases, version, self.checkout) as place:
            sources.require_same_libraries(place, self.checkout)
        saved = saving.create(self.deployed, self.checkout, to, "--dry-run")
        return f"release {version} is whole; {free / 1024**2:.0f} MB are free; the backup {saved}"

    def pending(self, version: str) -> str:
        """Print the SQL of the migrations that the version would bring."""
        with sources.at_hand(self.releases, version, self.checkout) as place:
            return self._migrate(place, "--dry-run").strip()

    def prepare(self, version: str) -> str:
        """Lay the version out beside what runs; print the name of the release."""
        if version == CHECKOUT or self.releases.has(version):
            return version
        source = sources.find(version, self.checkout)
        sources.prepare(self.releases, source)
        return source.release

    def migrate(self, version: str) -> str:
        """Bring the schema up to date, once."""
        with sources.at_hand(self.releases, version, self.checkout) as place:
            return self._migrate(place).strip()

    def backup(self, to: Path) -> str:
        """Back up the database and the bucket into a folder."""
        return saving.create(self.deployed, self.checkout, to)

    def restore(self, backup: Path) -> str:
        """Restore a backup into this deployment, which must be empty; it is away meanwhile."""
        return saving.restore(self.deployed, self.checkout, backup, self._roles())

    def drain(self, role: str) -> None:
        """Take a server out, let it finish, end it."""
        servers.drain(self.deployed, role)

    def start(self, role: str, version: str) -> None:
        """Start it in a release; it has no requests yet."""
        servers.start(self.deployed, role, version)

    def running(self, role: str) -> str:
        """Print the release that it really runs in."""
        return servers.running(self.deployed, role)

    def admit(self, role: str) -> None:
        """Let it have requests."""
        if balancer.is_balanced(self.deployed, role):
            balancer.put_in(self.deployed, role)

    def finish(self) -> None:
        """Forget old releases."""
        self.releases.prune()

    def _roles(self) -> tuple[str, ...]:
        roles = (one.role for one in self.deployed.snapshot().deployment.processes)
        return tuple(one for one in roles if one == WORKER or one.startswith(API))

    def _migrate(self, place: Path, *words: str) -> str:
        environment = dotenv_values(self.deployed.folder / "app.env", interpolate=False)
        ran = subprocess.run(
            [sys.executable, "-m", "reference_app.migrate", *words],
            cwd=place,
            env={name: value or "" for name, value in environment.items()}
            | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=MIGRATE_SECONDS,
            check=False,
        )
        if ran.returncode != 0:
            raise DeploymentError(f"the migrations failed: {ran.stderr.strip()}")
        return ran.stdout


PATHS = ("to", "backup")
LOOKS = ("current", "check", "pending", "running")
VERBS: Mapping[str, tuple[str, ...]] = {
    "current": (),
    "check": ("version", "to"),
    "backup": ("to",),
    "restore": ("backup",),
    "pending": ("version",),
    "prepare": ("version",),
    "migrate": ("version",),
    "drain": ("role",),
    "start": ("role", "version"),
    "running": ("role",),
    "admit": ("role",),
    "finish": (),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="golive.adapters.native.releasing", description=__doc__)
    parser.add_argument("folder", type=Path, help="the deployment's folder")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, words in VERBS.items():
        chosen = verbs.add_parser(verb, help=getattr(Releasing, verb).__doc__)
        for word in words:
            kind = Path if word in PATHS else str
            chosen.add_argument(word, metavar=word.upper(), type=kind)
    return parser


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for the command that a killed golive has left behind: it would undo what we do."""
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Do it, and say in a sentence what could not be done."""
    chosen = vars(_parser().parse_args(arguments))
    verb: str = chosen.pop("verb")
    try:
        releasing = Releasing(Deployed(chosen.pop("folder")), places.find_checkout())
        act: Callable[..., str | None] = getattr(releasing, verb)
        with contextlib.nullcontext() if verb in LOOKS else _alone(releasing.deployed.folder):
            said = act(**chosen)
    except GoliveError as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_code
    if said:
        sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
