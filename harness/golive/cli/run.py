"""`golive run`."""

from dataclasses import replace
from pathlib import Path

from golive.cli.gating import (
    BreakOption,
    CatalogOption,
    JsonOption,
    OnlyOption,
    OutOption,
    ProfileOption,
    SeedOption,
    TargetArgument,
    run_gate,
)
from golive.model.profile import Profile
from golive.model.settings import Selection


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    target: TargetArgument = None,
    profile: ProfileOption = Profile.QUICK,
    only: OnlyOption = "",
    seed: SeedOption = "",
    may_break: BreakOption = "",
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Gate a deployment: GO (exit 0), NO_GO (1) or UNPROVEN (2), with one report.

    Example: golive run targets/staging.toml --profile standard
    """
    selection = replace(Selection.of(profile, only), seed=seed, may_break=may_break)
    run_gate(target, selection, catalog, out, as_json=as_json)
