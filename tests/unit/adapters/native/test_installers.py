"""Installers: they end with golive, and say in a sentence what stands in their way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from golive.adapters.native.servers import golang
from golive.adapters.native.servers.cache import fill
from golive.adapters.native.servers.shell import run
from golive.adapters.native.servers.wanted import GoProgram, Wanted
from golive.adapters.native.versions import Version
from golive.errors import ProvisioningError

GONE_SECONDS = 10.0
# An installer with a child of its own, as go has compilers.
INSTALL = """
import os, sys
from golive.adapters.native.servers.shell import run
run("installing", ["sh", "-c", "sleep 600 & echo ready >$READY; wait"], os.environ, print)
"""
DOCTOR = """
import os
from golive.adapters.native.servers.shell import run
from golive.cli import app, doctor
def provision(*_):
    run("installing", ["sh", "-c", "sleep 600 & echo ready >$READY; wait"], os.environ, print)
doctor.provision = provision
raise SystemExit(app.run(["doctor", "--fix"]))
"""


def interrupted(script: str, number: signal.Signals, folder: Path) -> int:
    """Start the script, signal it in the midst of its installer, and return its exit code."""
    ready = folder / "ready"
    os.mkfifo(ready)
    with subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "READY": str(ready)}
    ) as process:
        assert ready.read_text() == "ready\n"
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        left = psutil.wait_procs(below, GONE_SECONDS)[1]
        for one in left:
            one.kill()
    assert len(below) >= 2
    assert left == []
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_installer_ends_with_us(tmp_path, number) -> None:
    """Whatever ends golive also ends the installer and what the installer has started."""
    assert interrupted(INSTALL, number, tmp_path) in {-number, 1}


def test_doctor_ends_by_sigterm_as_by_ctrl_c(tmp_path) -> None:
    """SIGTERM interrupts what `doctor --fix` installs, and it says so with its exit code."""
    assert interrupted(DOCTOR, signal.SIGTERM, tmp_path) == 130


@pytest.mark.parametrize(
    "command, said", [(["sh", "-c", "echo why; exit 7"], "why"), (["/no/such"], "cannot run")]
)
def test_a_failing_installer_is_quoted(command, said) -> None:
    """The error names the step and shows what the installer printed."""
    with pytest.raises(ProvisioningError, match="installing it failed") as caught:
        run("installing it", command, os.environ, print)

    assert said in caught.value.message


def test_an_unusable_cache_is_a_sentence(tmp_path) -> None:
    """A cache that cannot be written to is named, with what to do."""
    (tmp_path / "file").touch()

    with pytest.raises(ProvisioningError, match="file") as caught:
        fill(tmp_path / "file" / "wheels" / "redis", Path.mkdir, print)

    assert "XDG_CACHE_HOME" in caught.value.remedy


def test_a_full_disk_is_a_sentence(tmp_path) -> None:
    """A disk that fills up while a server is installed is no traceback."""

    def produce(_product: Path) -> None:
        raise OSError(28, "No space left on device", "/cache/x")

    with pytest.raises(ProvisioningError, match="/cache/x: No space left"):
        fill(tmp_path / "redis", produce, print)


def test_go_builds_beside_its_result(tmp_path, monkeypatch) -> None:
    """Go's scratch files lie on the disk that was asked for room, in a folder that exists."""
    go = tmp_path / "go"
    go.write_text(
        "#!/bin/sh\n[ $1 = version ] && echo go version go1.99.1 && exit\n"
        f"[ -d $GOTMPDIR ] && echo $GOTMPDIR >{tmp_path}/gotmpdir && touch $GOBIN/odd\n"
    )
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(golang, "BUILD_SPACE_BYTES", 0)
    program = GoProgram("example.org/odd", "v1.0.0", "odd")

    built = golang.build(Wanted("odd", "odd", Version((1,))), program, tmp_path, print)

    assert built.is_file()
    assert (tmp_path / "gotmpdir").read_text().startswith(str(tmp_path / "cache"))
