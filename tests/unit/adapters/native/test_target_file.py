"""The target file of a deployment replaces and removes nothing that golive did not write."""

from pathlib import Path

import pytest

from golive.adapters.native import target
from golive.errors import DeploymentError

TEMPLATE = Path(__file__).parents[4] / "infra" / target.TEMPLATE
OURS = f"{target.MARK} and `golive run`; more\n[target]\n"


@pytest.fixture
def target_file(tmp_path: Path) -> Path:
    """Its path; nothing is there."""
    return tmp_path / "staging.toml"


def test_the_template_carries_the_mark() -> None:
    """What a target file of ours begins with is what is looked for."""
    assert TEMPLATE.read_text().startswith(target.MARK)


@pytest.mark.parametrize("suffix", [".toml", ".env"])
def test_a_file_of_the_users_own_is_refused(target_file, suffix) -> None:
    """A target file, or secrets, that a user wrote is named and neither replaced nor removed."""
    own = target_file.with_suffix(suffix)
    own.write_text("mine = 1\n")

    with pytest.raises(DeploymentError, match=own.name) as caught:
        target.require_free(target_file)
    target.remove(target_file)

    assert caught.value.remedy
    assert own.read_text() == "mine = 1\n"


def test_what_we_wrote_is_replaced_and_removed(target_file) -> None:
    """A target file of ours may be replaced, and goes together with its secrets."""
    target_file.write_text(OURS)
    target_file.with_suffix(".env").write_text("A=b\n")

    target.require_free(target_file)
    target.remove(target_file)

    assert list(target_file.parent.iterdir()) == []


def test_secrets_that_lost_their_target_file(target_file) -> None:
    """Secrets of ours alone stand in nobody's way, and are removed."""
    target_file.with_suffix(".env").write_text(f"{target.MARK}; what staging.toml needs.\nA=b\n")

    target.require_free(target_file)
    target.remove(target_file)

    assert list(target_file.parent.iterdir()) == []


def test_a_link_that_leads_nowhere_is_refused(target_file) -> None:
    """A dangling link is somebody's, too."""
    target_file.symlink_to("nowhere")

    with pytest.raises(DeploymentError):
        target.require_free(target_file)
