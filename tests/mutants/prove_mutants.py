"""Every seeded defect turns the gate red, by the finding that it names; `make prove` runs it.

One deployment after another, each with one defect: a quarter of an hour.
"""

import json
from pathlib import Path

import pytest

from golive.adapters.deployments import reference_deployment
from golive.adapters.native import variants

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", variants.known(ROOT))
def test_the_gate_catches_it(golive, mutant, tmp_path) -> None:
    """NO_GO, and the finding is the one that the defect's file says."""
    found = variants.find(ROOT, mutant)
    assert found is not None
    with reference_deployment(progress=print, variant=mutant) as started:
        ran = golive(
            *("run", started.target_file, "--profile", "standard", "--out", tmp_path / "runs"),
            *("--only", found.caught_by),
            cwd=ROOT,
            timeout_seconds=300,
        )

    (folder,) = (tmp_path / "runs").iterdir()
    (finding,) = json.loads((folder / "verdict.json").read_text())["findings"]
    print(f"\n{mutant}: {finding['outcome']}: {finding['summary']}")
    # 4: a defect that keeps something from coming back, so that golive could not heal it.
    assert ran.returncode in (1, 4), ran.stderr
    assert (finding["id"], finding["outcome"]) == (found.caught_by, "FAIL")
