"""Drills against the reference deployment: GO when it is well, red with a witness when not."""

import json
from pathlib import Path

import pytest

from golive.adapters.deployments import reference_deployment

ROOT = Path(__file__).parents[2]


def verdict(out: Path) -> dict:
    """The verdict of the only run in a folder."""
    (folder,) = out.iterdir()
    return json.loads((folder / "verdict.json").read_text())


def strikes(out: Path, drill: str) -> list:
    """Which faults were there in the only run of a folder, without their times."""
    (folder,) = out.iterdir()
    document = json.loads((folder / "evidence" / f"{drill}.json").read_text())
    return sorted(strike[:2] for strike in document["evidence"][0]["facts"]["strikes"])


@pytest.mark.alone
def test_the_reference_deployment_loses_nothing(golive, own_deployment, tmp_path) -> None:
    """Lost replies of the queue: GO, and the plan said first what it breaks."""
    out = tmp_path / "runs"

    ran = golive(
        *("run", own_deployment.target_file, "--out", out, "--seed", "7"),
        *("--only", "chaos.redis_reply_lost"),
        cwd=ROOT,
    )

    assert ran.returncode == 0, ran.stderr
    assert "It will break, and mend again (seed 7)" in ran.stderr
    assert "redis_queue: Connections are reset." in ran.stderr
    (finding,) = verdict(out)["findings"]
    assert finding["measured"]["deliveries"] >= 500
    assert finding["measured"]["time_to_effect_p99_s"] > 0
    assert strikes(out, "chaos.redis_reply_lost") == sorted(
        [["reset_peer", "redis_queue"]] * 9 + [["timeout", "redis_queue"]] * 5
    )


def test_a_claim_apart_from_its_job_is_no_go_with_a_witness(golive, tmp_path) -> None:
    """SET NX, then enqueue: the drill that loses replies finds the loss and tells its story."""
    out = tmp_path / "runs"
    with reference_deployment(progress=print, variant="set_nx_then_enqueue") as started:
        ran = golive(
            *("run", started.target_file, "--out", out, "--only", "chaos.redis_reply_lost"),
            cwd=ROOT,
        )

    assert ran.returncode == 1, ran.stderr
    (finding,) = verdict(out)["findings"]
    assert finding["outcome"] == "FAIL"
    assert finding["measured"]["lost_count"] > 0
    story = finding["witness"].split("\n\n")[0]
    assert "lost, 1 notification was acknowledged, no effect" in story
    assert "fault begins:" in story
    assert "duplicate [ok]" in story


def test_a_staging_target_is_not_broken_without_its_name(golive, deployment, tmp_path) -> None:
    """What is not local must be named: nothing is broken, and the plan says how to allow it."""
    text = Path(deployment.target_file).read_text()
    target = tmp_path / "staging.toml"
    target.write_text(text.replace('environment = "local"', 'environment = "staging"'))
    target.with_suffix(".env").write_text(
        Path(deployment.target_file).with_suffix(".env").read_text()
    )
    target.with_suffix(".env").chmod(0o600)

    ran = golive("plan", target, "--only", "chaos.redis_down", cwd=ROOT)
    named = golive("plan", target, "--only", "chaos.redis_down", "--break", "reference", cwd=ROOT)

    assert "because it breaks things, and nobody said: --break reference" in ran.stdout
    assert "will run" not in ran.stdout
    assert "will run    chaos.redis_down" in named.stdout
