"""`golive run`."""

from pathlib import Path

from golive.cli.gating import (
    CatalogOption,
    JsonOption,
    OnlyOption,
    OutOption,
    ProfileOption,
    TargetArgument,
    run_gate,
)
from golive.model.scenario import Profile
from golive.model.settings import Selection


def command(
    target: TargetArgument = None,
    profile: ProfileOption = Profile.QUICK,
    only: OnlyOption = "",
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Gate a deployment: GO (exit 0), NO_GO (1) or UNPROVEN (2), with one report.

    Example: golive run targets/staging.toml --profile standard
    """
    run_gate(target, Selection.of(profile, only), catalog, out, as_json=as_json)
