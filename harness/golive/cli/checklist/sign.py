"""`golive checklist sign`."""

from dataclasses import replace
from typing import Annotated

import typer

from golive.cli.console import say
from golive.cli.gating import LISTS, CatalogOption, ListsOption
from golive.cli.listing import (
    DEFAULT_LIST,
    REFERENCE,
    WEEK_HOURS,
    AsOption,
    ItemArgument,
    ListOption,
    MaxAgeOption,
    TargetFileArgument,
    order_of,
    person,
)
from golive.worklist import find_item, open_list


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    item: ItemArgument,
    target: TargetFileArgument = REFERENCE,
    note: Annotated[str, typer.Option("--note", help="What was seen.")] = "",
    by: AsOption = "",
    name: ListOption = DEFAULT_LIST,
    max_age: MaxAgeOption = WEEK_HOURS,
    lists: ListsOption = LISTS,
    catalog: CatalogOption = None,
) -> None:
    """Sign for what only a person can decide; everybody can see that nobody altered it later.

    Refused while what the item depends or rests on is not proven, and for what golive decides.

    Example: golive checklist sign dns targets/production.toml --note "points to 203.0.113.7"
    """
    order = replace(
        order_of(name, target, lists, max_age, person(by)), catalogs=tuple(catalog or ())
    )
    opened = open_list(order)
    meant = find_item(item, opened.items)
    opened.sign(meant, note)
    say(f"{order.by} has signed {meant.id} as {meant.signature}: {meant.statement}")
