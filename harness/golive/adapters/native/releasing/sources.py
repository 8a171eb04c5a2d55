"""Releases from what a person names: a revision of the checkout, or a folder."""

import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from golive.adapters.native.releases import CHECKOUT, Releases
from golive.errors import DeploymentError

PACKAGE = "reference_app"
LOCK = "requirements.lock"
ENTRANCE = Path(PACKAGE) / "api.py"
HASH_LETTERS = 12
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(frozen=True)
class Source:
    """Where a release comes from: a folder, or a commit of the checkout."""

    release: str
    checkout: Path
    folder: Path | None = None
    commit: str = ""

    def lay_out(self, place: Path) -> None:
        """Write the release into an empty folder."""
        if self.folder is not None:
            shutil.copytree(self.folder / PACKAGE, place / PACKAGE, ignore=SKIPPED)
            if (self.folder / LOCK).is_file():
                shutil.copy(self.folder / LOCK, place / LOCK)
            return
        archive = _git(self.checkout, "archive", self.commit, PACKAGE, LOCK)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(place, filter="data")


def find(version: str, checkout: Path) -> Source:
    """The source that a version means."""
    folder = Path(version)
    if folder.is_dir():
        if not (folder / ENTRANCE).is_file():
            raise DeploymentError(f"{folder} holds no {ENTRANCE}, so no release of the service")
        return Source(f"dir-{_digest(folder / PACKAGE)}", checkout, folder=folder.resolve())
    try:
        found = _git(checkout, "rev-parse", "--verify", "--quiet", f"{version}^{{commit}}")
    except DeploymentError:
        raise DeploymentError(
            f"{version!r} is neither a folder nor a revision of {checkout}",
            remedy="Name a folder that holds reference_app/, a commit, a tag or a branch.",
        ) from None
    commit = found.decode().strip()
    return Source(commit[:HASH_LETTERS], checkout, commit=commit)


def prepare(releases: Releases, source: Source) -> None:
    """Lay the release out among the deployment's; it appears whole or not at all."""
    place = releases.path(source.release)
    if place.is_dir():
        return
    place.parent.mkdir(mode=0o700, exist_ok=True)
    with _laid_out(source, place.parent) as unfinished:
        unfinished.rename(place)


@contextmanager
def at_hand(releases: Releases, version: str, checkout: Path) -> Iterator[Path]:
    """The folder of a release, prepared or not; nothing of it stays."""
    if version == CHECKOUT:
        yield checkout
    elif releases.has(version):
        yield releases.path(version)
    else:
        with _laid_out(find(version, checkout), None) as unfinished:
            yield unfinished


def require_same_libraries(place: Path, checkout: Path) -> None:
    """Releases share the environment: one that needs other libraries cannot be run beside it."""
    lock = place / LOCK
    if lock.is_file() and lock.read_bytes() != (checkout / LOCK).read_bytes():
        raise DeploymentError(
            f"the release has another {LOCK} than {checkout}, whose libraries it would run with",
            remedy="Deploy a release with the same libraries, or start one anew: golive up --fresh",
        )


@contextmanager
def _laid_out(source: Source, beside: Path | None) -> Iterator[Path]:
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=beside))
    try:
        source.lay_out(scratch)
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _digest(package: Path) -> str:
    """Of the names and contents of all files."""
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(package)}\0{content}\n".encode())
    return digest.hexdigest()[:HASH_LETTERS]


def _git(checkout: Path, *words: str) -> bytes:
    try:
        ran = subprocess.run(["git", "-C", checkout, *words], capture_output=True, check=False)
    except OSError as problem:
        raise DeploymentError(f"git cannot be run: {problem.strerror}") from None
    if ran.returncode != 0:
        raise DeploymentError(f"git {words[0]} failed: {ran.stderr.decode(errors='replace')}")
    return ran.stdout
