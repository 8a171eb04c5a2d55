"""Debian packages, with apt, dpkg-query and systemctl as stubs that write down how they are called.

A package is a file of the folder `packages`, a service that starts at boot one of `services`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from golive.adapters.native.servers import debian, provision
from golive.adapters.native.servers.known import NGINX, REDIS
from golive.adapters.native.servers.wanted import Wanted
from golive.adapters.native.versions import Version

APT = """
for word; do
    case $word in
        update|-*) ;;
        install) [ ! -e unreachable ] || exit 100; installing=1 ;;
        *-server|nginx) [ -z "$installing" ] || { touch packages/$word services/$word; } ;;
    esac
done
"""
DPKG_QUERY = """
shift 2
for word; do [ ! -e packages/$word ] || echo "$word installed"; done
"""
SYSTEMCTL = """
case $1 in
    is-enabled) [ ! -e services/$2 ] || echo enabled ;;
    *) rm services/$3 ;;
esac
"""
ODD = Wanted(
    name="odd",
    program="odd-server",
    minimum=Version((6,)),
    preferred=Version((7,)),
    debian="odd-server",
    service="odd-server",
    optional_because="it is odd",
)


@dataclass(frozen=True)
class Machine:
    """What the stubs know and what they were asked."""

    folder: Path

    def add(self, kind: str, name: str) -> None:
        """A package or a service that is there."""
        (self.folder / kind / name).touch()

    def services(self) -> set[str]:
        """The services that start at boot."""
        return {path.name for path in (self.folder / "services").iterdir()}

    def program(self, name: str, script: str) -> None:
        """A program on PATH."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\ncd {self.folder}\necho "{name} $*" >>calls\n{script}\n')
        path.chmod(0o755)

    def apt_calls(self) -> int:
        """How often apt was called."""
        return (self.folder / "calls").read_text().count("apt-get ")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine whose root we are."""
    made = Machine(tmp_path)
    for name, script in (("apt-get", APT), ("dpkg-query", DPKG_QUERY), ("systemctl", SYSTEMCTL)):
        made.program(name, script)
    for folder in ("packages", "services"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(debian, "SYSTEM_STATE", tmp_path / "state")
    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(debian, "NO_CLUSTER", tmp_path / "etc" / "createcluster.d" / "golive.conf")
    return made


def with_servers(monkeypatch: pytest.MonkeyPatch, *servers: Wanted) -> None:
    """Let these be all that a deployment needs."""
    monkeypatch.setattr(provision, "SERVERS", servers)


def test_only_what_is_new_is_switched_off(machine) -> None:
    """A service that came with our package stays off at boot; the user's own stays on."""
    machine.add("packages", "redis-server")
    machine.add("services", "redis-server")

    debian.install([REDIS, NGINX], print)

    assert machine.services() == {"redis-server"}


def test_a_service_of_another_package_stays_on(machine) -> None:
    """A service that was on before our package came is not ours to switch off."""
    machine.add("services", "nginx")

    debian.install([NGINX], print)

    assert machine.services() == {"nginx"}


def test_a_package_that_is_there_is_not_installed_again(machine, monkeypatch, tmp_path) -> None:
    """A server that is only older than wanted, from its Debian package, is left to apt's user."""
    machine.program("odd-server", 'echo "odd 6.2"')
    machine.add("packages", "odd-server")
    with_servers(monkeypatch, ODD)

    provision.provision(tmp_path, print)

    assert machine.apt_calls() == 0


@pytest.mark.parametrize("reachable", [True, False], ids=["mirror", "no mirror"])
@pytest.mark.parametrize("there", [True, False], ids=["old", "missing"])
def test_apt_is_not_run_again(machine, monkeypatch, tmp_path, reachable, there) -> None:
    """What apt could not better is not tried at every start."""
    if there:
        machine.program("odd-server", 'echo "odd 6.2"')
    if not reachable:
        (tmp_path / "unreachable").touch()
    with_servers(monkeypatch, ODD)
    said: list[str] = []

    provision.provision(tmp_path, said.append)
    first = machine.apt_calls()
    provision.provision(tmp_path, said.append)

    assert first == 2
    assert machine.apt_calls() == first


@pytest.mark.usefixtures("machine")
def test_policies_of_a_killed_run_are_removed(monkeypatch, tmp_path) -> None:
    """What a kill -9 has left behind goes at the next set-up, also when nothing is to install."""
    with_servers(monkeypatch)
    leave = debian._temporary(debian.POLICY, f"#!/bin/sh\n{debian.MARK}\nexit 101\n", 0o755)
    leave.__enter__()
    assert debian.POLICY.stat().st_mode & 0o777 == 0o755

    provision.provision(tmp_path, print)

    assert not debian.POLICY.exists()


@pytest.mark.usefixtures("machine")
def test_an_install_after_a_killed_one_tidies_up() -> None:
    """The file that a killed run has left is taken for ours and removed."""
    debian.POLICY.write_text(f"#!/bin/sh\n{debian.MARK}\nexit 101\n")

    debian.install([NGINX], print)

    assert not debian.POLICY.exists()
    assert not debian.NO_CLUSTER.parent.exists()


@pytest.mark.usefixtures("machine")
def test_somebody_elses_policy_stays(monkeypatch, tmp_path) -> None:
    """A policy-rc.d that is not ours is neither replaced nor removed."""
    with_servers(monkeypatch)
    debian.POLICY.write_text("#!/bin/sh\nexit 0\n")

    debian.install([NGINX], print)
    provision.provision(tmp_path, print)

    assert debian.POLICY.read_text() == "#!/bin/sh\nexit 0\n"
