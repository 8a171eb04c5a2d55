"""Releases beside a checkout, and what a server is started in."""

import os
import subprocess
from pathlib import Path

import pytest

from golive.adapters.native.releases import CHECKOUT, KEPT, Releases
from golive.adapters.native.releasing import sources
from golive.adapters.native.unit import Command
from golive.errors import DeploymentError


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A repository with one commit that holds a service."""
    folder = tmp_path / "checkout"
    (folder / "reference_app").mkdir(parents=True)
    (folder / "reference_app" / "api.py").write_text("print(1)\n")
    (folder / "requirements.lock").write_text("tornado==6.6\n")
    git = ("git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@localhost")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "one"), ("tag", "v1")):
        subprocess.run([*git, *words], check=True)
    return folder


@pytest.fixture
def releases(tmp_path) -> Releases:
    """Those of a deployment."""
    folder = tmp_path / "deployment"
    folder.mkdir()
    return Releases(folder)


def test_a_revision_becomes_a_release(checkout, releases) -> None:
    """It holds what was committed, whatever the checkout holds now; its name is the commit."""
    (checkout / "reference_app" / "api.py").write_text("print(2)\n")

    source = sources.find("v1", checkout)
    sources.prepare(releases, source)

    assert source.release == source.commit[:12]
    place = releases.path(source.release)
    assert (place / "reference_app" / "api.py").read_text() == "print(1)\n"
    assert (place / "requirements.lock").exists()
    assert releases.has(source.release)


def test_a_folder_becomes_a_release_named_by_its_content(checkout, releases) -> None:
    """The same content is the same release; any other content is another one."""
    before = sources.find(str(checkout), checkout).release
    again = sources.find(str(checkout), checkout).release
    (checkout / "reference_app" / "api.py").write_text("print(2)\n")
    after = sources.find(str(checkout), checkout)
    sources.prepare(releases, after)

    assert before == again != after.release
    assert (releases.path(after.release) / "reference_app" / "api.py").read_text() == "print(2)\n"
    assert list((releases.folder / "releases").glob(".new*")) == []


@pytest.mark.parametrize("version", ["v9", "/", "no/such/folder"])
def test_what_is_no_version_is_refused(checkout, version) -> None:
    """Neither a revision nor a folder with the service in it: said by its name."""
    with pytest.raises(DeploymentError, match=version):
        sources.find(version, checkout)


def test_other_libraries_are_refused(checkout, tmp_path) -> None:
    """A release that needs other libraries cannot run in this environment."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "requirements.lock").write_text("tornado==7\n")

    with pytest.raises(DeploymentError, match=r"requirements\.lock"):
        sources.require_same_libraries(other, checkout)


def test_a_server_is_started_in_its_release(releases) -> None:
    """Folder and import path are the release's own, and the rest stays."""
    command = Command(("python",), Path("/checkout"), {"PYTHONPATH": "/checkout", "A": "b"})
    releases.path("v1").mkdir(parents=True)

    assert releases.applied("api-1", command) is command
    releases.put("api-1", "v1")
    applied = releases.applied("api-1", command)

    assert applied.folder == releases.path("v1")
    assert applied.environment == {"PYTHONPATH": str(releases.path("v1")), "A": "b"}
    assert releases.at(applied.environment["PYTHONPATH"]) == "v1"
    assert releases.applied("api-2", command) is command
    releases.put("api-1", CHECKOUT)
    assert releases.applied("api-1", command) is command


@pytest.mark.parametrize("name", ["/", "..", "../x", "", "checkout"])
def test_a_path_is_no_release(releases, name) -> None:
    """Nothing outside of the folder of releases is taken for one."""
    assert not releases.has(name)


def test_old_releases_are_forgotten_but_never_what_runs(releases) -> None:
    """The newest few stay, and whatever a server runs."""
    for number in range(KEPT + 3):
        releases.path(f"v{number}").mkdir(parents=True)
    releases.put("worker", "v0")
    oldest = sorted(f"v{number}" for number in range(KEPT + 3))
    for age, name in enumerate(oldest):
        os.utime(releases.path(name), (age, age))

    releases.prune()

    left = {one.name for one in (releases.folder / "releases").iterdir()}
    assert left == {"v0", *oldest[-KEPT:]}
