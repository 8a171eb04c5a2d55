"""`golive load` against the reference deployment: red by name when it refuses what is right."""

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]


def finding(out: Path) -> dict[str, object]:
    """The only finding of the only run in a folder."""
    (folder,) = out.iterdir()
    (found,) = json.loads((folder / "verdict.json").read_text())["findings"]
    return dict(found)


def test_a_target_that_refuses_everything_is_no_go_and_is_not_loaded_to_the_end(
    golive, deployment, tmp_path
) -> None:
    """With another password every honest notification is answered with 401: two workers notice, the
    load ends before its time, and the finding says what was answered.
    """
    target = tmp_path / "reference.toml"
    shutil.copy(deployment.target_file, target)
    access = Path(deployment.target_file).with_suffix(".env").read_text()
    env = tmp_path / "reference.env"
    env.write_text(access.replace(deployment.webhook_password, "another-password"))
    env.chmod(0o600)

    ran = golive("load", target, "--workers", "2", "--out", tmp_path / "runs", cwd=ROOT)

    found = finding(tmp_path / "runs")
    assert ran.returncode == 1, ran.stderr
    assert (found["id"], found["outcome"]) == ("load.steady", "FAIL")
    assert "answered wrongly" in str(found["summary"])
    assert "new: 401" in str(found["summary"])
    figures = found["measured"]
    assert isinstance(figures, dict)
    assert figures["workers"] == 2
    assert figures["acknowledged"] == figures["effects"] == 0
    assert 0 < figures["sent"] < 1000
