"""`golive smoke`."""

from pathlib import Path

from golive.cli.gating import (
    CatalogOption,
    JsonOption,
    OutOption,
    ProfileOption,
    TargetArgument,
    run_gate,
)
from golive.model.profile import Profile
from golive.model.settings import Selection


def command(
    target: TargetArgument = None,
    profile: ProfileOption = Profile.QUICK,
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Run the smoke suite alone; the same as `golive run --only smoke`.

    Example: golive smoke targets/staging.toml
    """
    run_gate(target, Selection.of(profile, "smoke"), catalog, out, as_json=as_json)
