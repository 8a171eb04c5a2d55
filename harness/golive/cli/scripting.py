"""`golive export --load`: a load of the catalog, as a script for another tool."""

from pathlib import Path
from typing import Annotated

import typer

from golive.adapters.load.k6 import GATEWAY, script_of
from golive.catalog.catalog import Catalog
from golive.cli.console import say, write
from golive.config.target_file import read_target
from golive.errors import ConfigurationError
from golive.model.load.traffic import LoadPlan
from golive.model.slo import Slo

TOOL = "k6"

LoadOption = Annotated[
    str, typer.Option("--load", help="k6: instead of the epic, a load as a script.")
]
OnlyOption = Annotated[str, typer.Option("--only", help="Which load (knee).")]
TargetOption = Annotated[
    Path | None, typer.Option("--target", help="Target file whose webhook and SLO it is for.")
]


def require_alone(load: str, to: str) -> None:
    """Refuse what is not to be had."""
    if load != TOOL:
        raise ConfigurationError(
            f"--load {load}: golive writes no script for it", remedy="There is k6."
        )
    if to:
        raise ConfigurationError("--load and --to are two exports", remedy="Leave one of them out.")


def load_of(word: str, catalog: Catalog) -> LoadPlan:
    """The load whose name that is, with or without the name of its suite."""
    loads = {one.id: one.load for one in catalog.scenarios.values() if one.load is not None}
    found = loads.get(word) or loads.get(f"load.{word}")
    if found is None:
        raise ConfigurationError(
            f"--only {word}: the catalog has no such load", remedy=f"There are {', '.join(loads)}."
        )
    return found


def write_script(plan: LoadPlan, target_file: Path | None, out: Path | None) -> None:
    """Write the script for a target, or for the webhook of the epic."""
    text = _script(plan, target_file)
    if out is None:
        write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{out}: {error.strerror}", remedy="--out FILE") from error
    say(f"wrote {out}")


def _script(plan: LoadPlan, target_file: Path | None) -> str:
    if target_file is None:
        return script_of(plan, GATEWAY, Slo())
    target = read_target(target_file)
    if target.webhook is None:
        raise ConfigurationError(
            f"{target_file}: it has no [webhook]", remedy="See docs/target.md."
        )
    return script_of(plan, target.webhook, target.slo, target.target.base_url)
