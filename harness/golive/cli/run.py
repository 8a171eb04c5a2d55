"""`golive run`."""

from dataclasses import replace
from pathlib import Path

from golive.cli.gating import (
    LISTS,
    BreakOption,
    CatalogOption,
    JsonOption,
    ListsOption,
    OnlyOption,
    OutOption,
    ProfileOption,
    SeedOption,
    TargetArgument,
    run_gate,
    settings_of,
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
    lists: ListsOption = LISTS,
    as_json: JsonOption = False,
) -> None:
    """Gate a deployment: GO (exit 0), NO_GO (1) or UNPROVEN (2), with one report.

    Example: golive run targets/staging.toml --profile standard
    """
    selection = replace(Selection.of(profile, only), seed=seed, may_break=may_break)
    run_gate(target, settings_of(selection, catalog, out, lists), as_json=as_json)
