"""`golive audit`."""

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
    """Look at configuration and exposure alone; the same as `golive run --only audit`.

    Example: golive audit targets/staging.toml
    """
    run_gate(target, Selection.of(profile, "audit"), catalog, out, as_json=as_json)
