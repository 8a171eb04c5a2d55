"""`golive checklist status`."""

from dataclasses import replace
from typing import Annotated

import typer

from golive.cli.gating import LISTS, CatalogOption, JsonOption, ListsOption
from golive.cli.listing import (
    DEFAULT_LIST,
    REFERENCE,
    WEEK_HOURS,
    ListArgument,
    MaxAgeOption,
    TargetFileArgument,
    order_of,
    tell_status,
)
from golive.worklist import open_list


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    name: ListArgument = DEFAULT_LIST,
    target: TargetFileArgument = REFERENCE,
    max_age: MaxAgeOption = WEEK_HOURS,
    lists: ListsOption = LISTS,
    catalog: CatalogOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every item.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how far a checklist has come, what blocks going live, and who signs next.

    Exits with 0 for GO, 1 for NO_GO, 2 for UNPROVEN. Touches nothing.

    Example: golive checklist status go_live targets/production.toml
    """
    order = replace(order_of(name, target, lists, max_age), catalogs=tuple(catalog or ()))
    tell_status(open_list(order).status(), as_json=as_json, everything=everything)
