"""Statelessness observed: a full gate run on a file system on which nothing else can be written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from golive.adapters.native.places import deployment_folder, state_folder

ROOT = Path(__file__).parents[2]
PORTS = Path("/tmp/golive-ports")

# In a mount namespace of its own: all is read-only but the folders named first, and /tmp is new
# and empty. What marks the ports in use stays shared, or two runs would take the same ones.
SCRIPT = f"""
set -eu
mount -n --make-rprivate /
mkdir -p {PORTS}
mount -n --bind {PORTS} /mnt
mount -n --bind {ROOT} /srv
mount -n -o remount,bind,ro /
mount -n -t tmpfs tmpfs /tmp
mkdir -p {PORTS} {ROOT}
mount -n --move /mnt {PORTS}
mount -n --move /srv {ROOT}
mount -n -o remount,bind,ro {ROOT}
for folder in "$@"; do
    mount -n --bind "$folder" "$folder"
    mount -n -o remount,bind,rw "$folder"
done
cd {ROOT}
if touch "$GUARD" 2>/dev/null; then echo "the guard is blind" >&2; exit 99; fi
"$PROGRAM" run --only smoke --json --out /tmp/runs >/tmp/out
cat /tmp/out
rm -r /tmp/out /tmp/runs
find /tmp -xdev -type f -printf "left behind: %p\\n" >&2
"""


def refusal() -> str:
    """Why this machine cannot give us a namespace; empty if it can."""
    if os.geteuid() != 0:
        return "needs root for a mount namespace"
    if not shutil.which("unshare"):
        return "needs unshare"
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-n", "--make-rprivate", "/"],
        capture_output=True,
        check=False,
    )
    return "" if tried.returncode == 0 else "this machine forbids mount namespaces"


@pytest.fixture
def namespace() -> None:
    """Skip where there are none."""
    reason = refusal()
    if reason:
        pytest.skip(reason)


@pytest.mark.usefixtures("namespace")
def test_nothing_is_written_but_data_and_temporary_files() -> None:
    """With everything else read-only the gate says GO, and no temporary file is left."""
    for folder in (state_folder(), ROOT / "targets"):
        folder.mkdir(parents=True, exist_ok=True)

    ran = subprocess.run(
        ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", state_folder(), ROOT / "targets"],
        cwd=ROOT,
        env={
            **os.environ,
            "PROGRAM": str(Path(sys.executable).with_name("golive")),
            "GUARD": str(ROOT / "written-where-nothing-may-be"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert '"verdict": "GO"' in ran.stdout
    assert "left behind" not in ran.stderr


def test_service_has_no_data_folder(deployment) -> None:
    """What is kept belongs to the servers; the service's own processes have only their logs."""
    folder = deployment_folder(ROOT, deployment.started.name)
    keepers = {path.name for path in (folder / "data").iterdir()}
    assert not [name for name in keepers if name.startswith(("api", "worker"))]
    assert {"minio", "redis-queue"} <= keepers
    for role in (*deployment.nodes, "worker"):
        process = deployment.process(role)
        written = [
            str(descriptor.readlink())
            for descriptor in Path(f"/proc/{process.pid}/fd").iterdir()
            if is_writable(process.pid, descriptor.name)
        ]
        allowed = (str(folder / "logs"), "/dev/", "socket:", "pipe:", "anon_inode:")
        assert [path for path in written if not path.startswith(allowed)] == []


def is_writable(pid: int, descriptor: str) -> bool:
    """Whether the process opened it for writing."""
    info = Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text()
    flags = next(line for line in info.splitlines() if line.startswith("flags:"))
    return bool(int(flags.split()[1], 8) & (os.O_WRONLY | os.O_RDWR))
