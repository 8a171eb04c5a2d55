"""Variants as files of a checkout, and what is refused of them."""

from pathlib import Path

import pytest

from golive.adapters.native import variants
from golive.adapters.native.backend import require_own_data
from golive.adapters.native.processes import Identity
from golive.adapters.native.state import Snapshot, write_snapshot
from golive.errors import DeploymentError
from golive.model.deployment import Deployment, DeploymentRequest, DeploymentState

FILE = """
raise RuntimeError("run in the harness")
DEFECT = "It forgets."
CAUGHT_BY = "chaos.redis_killed"
CONFIGURATION = {"redis/queue.conf.j2": {"appendonly yes": "appendonly no"}}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one variant, a helper and a test."""
    folder = tmp_path / variants.FOLDER
    folder.mkdir(parents=True)
    (folder / "forgetful.py").write_text(FILE)
    for other in ("_run.py", "test_mutants.py", "prove_mutants.py", "conftest.py"):
        (folder / other).touch()
    return tmp_path


def test_a_variant_is_read_and_not_run(checkout) -> None:
    """The harness knows a variant by its constants; the service's code never runs in here."""
    found = variants.find(checkout, "forgetful")

    assert found is not None
    assert (found.defect, found.caught_by) == ("It forgets.", "chaos.redis_killed")
    assert found.altered("redis/queue.conf.j2", "x\nappendonly yes\n") == "x\nappendonly no\n"
    assert found.altered("redis/cache.conf.j2", "appendonly yes") == "appendonly yes"


def test_only_defects_are_variants(checkout, tmp_path) -> None:
    """Helpers and tests are none, and a checkout without the folder has none."""
    assert variants.known(checkout) == ("forgetful",)
    assert variants.known(tmp_path / "elsewhere") == ()
    assert variants.find(checkout, "") is None


@pytest.mark.parametrize("wanted", ["nonsense", "_run", "../mutants/forgetful"])
def test_an_unknown_variant_is_refused_with_the_known(wanted, checkout) -> None:
    """What is no variant is answered with a list of those that are."""
    with pytest.raises(DeploymentError) as refused:
        variants.find(checkout, wanted)

    assert "forgetful" in str(refused.value)


def test_a_variant_that_would_change_nothing_is_refused(checkout) -> None:
    """Configuration that has moved on makes a variant an error, not a sound deployment."""
    found = variants.find(checkout, "forgetful")

    assert found is not None
    with pytest.raises(DeploymentError, match="does not say 'appendonly yes'"):
        found.altered("redis/queue.conf.j2", "appendonly no")


@pytest.mark.parametrize("before, wanted", [("forgetful", ""), ("", "forgetful")])
def test_data_of_a_variant_is_no_ground_for_another(before, wanted, tmp_path) -> None:
    """What one defect has left must not be blamed on another, or on the sound service."""
    stopped = Deployment(
        name="d",
        backend="native",
        folder=str(tmp_path),
        state=DeploymentState.STOPPED,
        left_out={},
        urls={},
        variant=before,
    )
    write_snapshot(tmp_path, Snapshot(stopped, Identity(1, 1, ""), {}, attached=False, saved=0.0))

    with pytest.raises(DeploymentError, match="has data"):
        require_own_data(tmp_path, DeploymentRequest("d", variant=wanted))
    require_own_data(tmp_path, DeploymentRequest("d", variant=wanted, fresh=True))
    require_own_data(tmp_path, DeploymentRequest("d", variant=before))
