"""Folders of the cache appear whole or not at all, and two processes never fill one at once."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from golive.adapters.native.places import make_passable
from golive.errors import ProvisioningError
from golive.model.deployment import Progress

SCRATCH_PREFIX = ".scratch-"


def fill(destination: Path, produce: Callable[[Path], None], progress: Progress) -> None:
    """Make `destination` by letting `produce` fill a new folder that is then renamed to it."""
    with filesystem_errors(f"making {destination}"):
        make_passable(destination.parent)
        with locked(destination.parent / f".{destination.name}.lock", progress):
            if destination.exists():
                return
            with scratch_folder(destination) as scratch:
                product = scratch / "product"
                product.mkdir()
                produce(product)
                product.chmod(0o755)
                product.rename(destination)


@contextmanager
def filesystem_errors(what: str) -> Iterator[None]:
    """Say in a sentence which file or folder cannot be used, and what to do about it."""
    try:
        yield
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        raise ProvisioningError(
            f"{what} failed: {where}{problem.strerror or problem}",
            remedy="Make it writable and make room there, or let XDG_CACHE_HOME name another "
            "folder; see: golive doctor",
        ) from problem


@contextmanager
def locked(path: Path, progress: Progress) -> Iterator[None]:
    """Hold the lock of that file; waiting for somebody else is said."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another golive that is at work on {path.parent}")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def scratch_folder(destination: Path) -> Iterator[Path]:
    """A folder on the destination's disk that goes away, after those that a killed run has left."""
    prefix = f"{SCRATCH_PREFIX}{destination.name}-"
    for left in destination.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=prefix, dir=destination.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
