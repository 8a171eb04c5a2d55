"""Where things lie on this machine, and as whom servers run that refuse to be root."""

import hashlib
import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path

import golive
from golive.errors import DeploymentError

SYSTEM_STATE = Path("/var/lib/golive")
SERVICE_USERS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user and group that a server runs as."""

    name: str
    uid: int
    gid: int


def service_account() -> Account | None:
    """The user for servers that refuse to run as root; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    for name in SERVICE_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise DeploymentError(
        f"this is root, and PostgreSQL needs one of the users {' or '.join(SERVICE_USERS)}",
        remedy="Run golive as an ordinary user, or: useradd --system postgres",
    )


def cache_folder() -> Path:
    """Where downloaded and built servers are kept for this user."""
    return _from_environment("XDG_CACHE_HOME", ".cache") / "golive"


def shared_cache_folder() -> Path:
    """The same for servers that run as another user when we are root, so open to them."""
    return SYSTEM_STATE / "servers" if os.geteuid() == 0 else cache_folder()


def state_folder() -> Path:
    """Where deployments keep their data; as root it must be a path that another user can pass."""
    if os.geteuid() == 0:
        return SYSTEM_STATE
    return _from_environment("XDG_STATE_HOME", ".local/state") / "golive"


def deployment_folder(checkout: Path, name: str) -> Path:
    """The folder of one deployment: two checkouts never share one."""
    return state_folder() / f"{checkout_id(checkout)}-{name}"


def checkout_id(checkout: Path) -> str:
    """A short word that stands for the checkout's path."""
    return hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:10]


def reservations_folder() -> Path:
    """Where every user of this machine marks the ports in use."""
    # Not TMPDIR, which may be another folder for each user.
    shared = Path("/tmp")  # noqa: S108
    return (shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())) / "golive-ports"


def make_passable(folder: Path) -> None:
    """Make a folder that another user can pass, whatever our umask is."""
    for one in reversed((folder, *folder.parents)):
        if not one.is_dir():
            one.mkdir(exist_ok=True)
            one.chmod(0o755)


def find_checkout() -> Path:
    """The repository that this command runs from: it holds the reference service and infra/."""
    here = Path(golive.__file__).resolve()
    candidates = (*here.parents[2:3], Path.cwd(), *Path.cwd().parents)
    for folder in candidates:
        if (folder / "infra/native/wheels.lock").is_file() and (folder / "reference_app").is_dir():
            return folder
    raise DeploymentError(
        "the reference deployment lives in the golive repository, and this is not a checkout of it",
        remedy="Run this command in a clone of the repository, or give it a TARGET file.",
    )


def _from_environment(variable: str, default: str) -> Path:
    chosen = os.environ.get(variable, "")
    # The XDG rules say that a relative path must be ignored.
    if chosen.startswith("/"):
        return Path(chosen)
    try:
        return Path.home() / default
    except RuntimeError:
        raise DeploymentError(
            f"user {os.geteuid()} has no home folder",
            remedy=f"Set HOME, or {variable}, to a folder that this user can write to.",
        ) from None
