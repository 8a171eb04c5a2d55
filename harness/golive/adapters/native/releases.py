"""Releases of the service beside the checkout, and which of its servers runs which one."""

import contextlib
import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from golive.adapters.native.unit import Command

CHECKOUT = "checkout"
"""What a server runs that nothing was deployed to."""
FOLDER = "releases"
MARKS = "releases.running"
KEPT = 5
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Releases:
    """Those of one deployment, by its folder."""

    folder: Path

    def path(self, release: str) -> Path:
        """The folder of a release."""
        return self.folder / FOLDER / release

    def has(self, release: str) -> bool:
        """Whether there is a release of that name; a path is none."""
        return bool(_NAME.fullmatch(release)) and self.path(release).is_dir()

    def of(self, role: str) -> str:
        """The release that a server runs when it is started next."""
        try:
            return (self.folder / MARKS / role).read_text()
        except FileNotFoundError:
            return CHECKOUT

    def put(self, role: str, release: str) -> None:
        """Let a server run that release from its next start on."""
        mark = self.folder / MARKS / role
        if (before := self.of(role)) not in (release, CHECKOUT):
            # The way back leads there: whatever was only tried since is older.
            with contextlib.suppress(FileNotFoundError):
                os.utime(self.path(before))
        if release == CHECKOUT:
            mark.unlink(missing_ok=True)
            return
        mark.parent.mkdir(exist_ok=True)
        scratch = mark.with_name(f".{role}.new")
        scratch.write_text(release)
        scratch.replace(mark)

    def applied(self, role: str, command: Command) -> Command:
        """The command of a server in the release that it is to run."""
        release = self.of(role)
        if release == CHECKOUT:
            return command
        place = self.path(release)
        # The folder itself and no link to it: what a process imports later must not be newer.
        environment = {**command.environment, "PYTHONPATH": str(place)}
        return replace(command, folder=place, environment=environment)

    def at(self, place: str) -> str:
        """The release that lies at a path."""
        return Path(place).name if Path(place).parent == self.folder / FOLDER else CHECKOUT

    def prune(self) -> None:
        """Keep what runs and the newest few."""
        used = {mark.read_text() for mark in (self.folder / MARKS).glob("[!.]*")}
        there = (self.folder / FOLDER).glob("[!.]*")
        newest = sorted(there, key=lambda one: one.stat().st_mtime, reverse=True)
        for one in newest[KEPT:]:
            if one.name not in used:
                shutil.rmtree(one)

    def forget(self) -> None:
        """Let every server run the checkout; the releases stay."""
        shutil.rmtree(self.folder / MARKS, ignore_errors=True)
