"""`golive contract`."""

from dataclasses import replace
from pathlib import Path

from golive.cli.gating import (
    CatalogOption,
    JsonOption,
    OutOption,
    ProfileOption,
    SeedOption,
    TargetArgument,
    run_gate,
    settings_of,
)
from golive.model.profile import Profile
from golive.model.settings import Selection


def command(
    target: TargetArgument = None,
    profile: ProfileOption = Profile.QUICK,
    seed: SeedOption = "",
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Hold the target against its OpenAPI contract, and send it what a hostile caller would.

    Example: golive contract targets/staging.toml --seed 5e1f
    """
    selection = replace(Selection.of(profile, "contract"), seed=seed)
    run_gate(target, settings_of(selection, catalog, out), as_json=as_json)
