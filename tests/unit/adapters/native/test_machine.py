"""What this machine gives: processes, ports, folders."""

import os
import pwd
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from golive.adapters.native import places, ports
from golive.adapters.native.machine import existing_parent, machine_facts
from golive.adapters.native.processes import Identity
from golive.errors import DeploymentError

NOBODY = 65534


def ourselves() -> Identity:
    """The process of the test."""
    identity = Identity.of(os.getpid())
    assert identity is not None
    return identity


def test_a_clock_that_is_set_changes_no_identity(monkeypatch) -> None:
    """A process is the same one, whatever the clock makes of its start."""
    identity = ourselves()
    start = psutil.Process().create_time()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _self: start + 3600)

    assert identity.alive()


@pytest.mark.parametrize("other", [{"start_ticks": 1}, {"boot": "another"}, {"pid": 1}])
def test_another_process_is_another(other) -> None:
    """The same pid with another start, or of another boot, is somebody else."""
    assert not replace(ourselves(), **other).alive()


def test_what_has_ended_does_not_live() -> None:
    """A zombie counts as ended, and so does what is gone."""
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        identity = Identity.of(process.pid)
        assert identity is not None
        assert process.stdout is not None
        process.stdout.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not identity.alive()
    assert not identity.alive()
    assert Identity.of(process.pid) is None


def test_every_user_can_lock_a_block(tmp_path) -> None:
    """The file of a block of ports is readable for all, whatever our umask is."""
    before = os.umask(0o077)
    try:
        block = ports.reserve(tmp_path / "ports")
    finally:
        os.umask(before)
    block.release()

    assert (tmp_path / "ports" / str(block.first)).stat().st_mode & 0o777 == 0o644


def test_a_folder_that_may_not_be_looked_at(tmp_path, monkeypatch) -> None:
    """What this user may not look into counts as absent."""
    closed = tmp_path / "closed" / "inner"

    def is_dir(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_dir", is_dir)

    assert existing_parent(closed) == tmp_path


def test_a_user_without_a_name(monkeypatch) -> None:
    """A bare user number, as containers have it, is shown as one."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)

    facts = {fact.name: fact.value for fact in machine_facts()}

    assert facts["user"].startswith(f"user {NOBODY}, not root")


def test_a_user_without_a_home(monkeypatch) -> None:
    """Nowhere to keep data is a sentence that says what to set."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)

    with pytest.raises(DeploymentError, match="no home") as caught:
        places.cache_folder()

    assert "XDG_CACHE_HOME" in caught.value.remedy
