"""`golive up --backend containers`: the reference deployment on a real Docker engine."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "contained"
MOST_BYTES = 250 * 1000 * 1000


def ours(engine) -> set[str]:
    """What the engine holds of this checkout's deployments: containers and networks."""
    marked = {"label": f"golive.deployment={NAME}"}
    found = {one.name for one in engine.containers.list(all=True, filters=marked)}
    return found | {one.name for one in engine.networks.list(filters=marked)}


@pytest.fixture(scope="module")
def contained(engine, golive):
    """A running deployment, stopped at the end."""
    ran = golive("up", "--backend", "containers", "--fresh", "--name", NAME, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    yield json.loads(golive("ps", "--json", cwd=ROOT).stdout)
    ended = golive("down", "--name", NAME, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    assert ours(engine) == set()


@pytest.mark.usefixtures("contained")
def test_the_smoke_suite_is_go_on_containers(golive, tmp_path) -> None:
    """The same suite with the same target file as natively, on every flow of the service."""
    words = ("smoke", ROOT / f"targets/{NAME}.toml", "--out", tmp_path)
    ran = golive(*words, cwd=ROOT)

    assert ran.returncode == 0, ran.stderr
    (folder,) = tmp_path.iterdir()
    verdict = json.loads((folder / "verdict.json").read_text())
    assert verdict["verdict"] == "GO"
    assert {one["outcome"] for one in verdict["findings"]} == {"PASS"}


@pytest.mark.usefixtures("contained")
def test_only_loopback_is_published(engine) -> None:
    """Nobody on another machine reaches any of it, and what nobody needs is not published."""
    marked = {"label": f"golive.deployment={NAME}"}
    published: dict[str, set[str]] = {}
    for one in engine.containers.list(filters=marked):
        for bound in one.attrs["NetworkSettings"]["Ports"].values():
            for place in bound or ():
                published.setdefault(one.labels["golive.role"], set()).add(place["HostIp"])

    assert set().union(*published.values()) == {"127.0.0.1"}
    assert "worker" not in published
    assert "gateway" not in published


@pytest.mark.usefixtures("contained")
def test_containers_are_sealed(engine) -> None:
    """None can write to its image, gain rights, or take all memory; the service is not root."""
    for one in engine.containers.list(filters={"label": f"golive.deployment={NAME}"}):
        host = one.attrs["HostConfig"]
        assert host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"]
        assert "no-new-privileges" in host["SecurityOpt"]
        assert host["Memory"] > 0
        assert host["PidsLimit"] > 0
        if one.labels["golive.role"].startswith(("api-", "worker")):
            assert one.attrs["Config"]["User"] == "10001:10001"


def test_the_image_of_the_service_is_small_and_not_root(engine) -> None:
    """Below 250 MB, with a health check, and it says itself who it is."""
    image = engine.images.get("golive/app")

    assert image.attrs["Size"] < MOST_BYTES
    assert image.attrs["Config"]["User"] == "10001:10001"
    assert image.attrs["Config"]["Healthcheck"]["Test"] == ["CMD", "tether", "health_check"]
    told = engine.containers.run("golive/app", ["-c", "id -u"], entrypoint="sh", remove=True)
    assert told.strip() == b"10001"


def test_an_image_that_is_missing_is_said(engine, golive) -> None:
    """An image of the user's own that is not there is named, before anything is started."""
    env = {"GOLIVE_IMAGE_APP": "golive/never-built"}
    ran = golive("up", "--backend", "containers", "--name", "missing", cwd=ROOT, env=env)

    assert ran.returncode == 3, ran.stderr
    assert "golive/never-built" in ran.stderr
    assert "make images" in ran.stderr
    assert engine.containers.list(all=True, filters={"label": "golive.deployment=missing"}) == []
