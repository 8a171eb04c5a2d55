"""`golive checklist waive`."""

from dataclasses import replace
from datetime import date, datetime
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
    TargetFileArgument,
    order_of,
    person,
)
from golive.errors import ConfigurationError
from golive.model.checklist import Waiver
from golive.worklist import find_item, open_list


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    item: ItemArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why it is accepted.")],
    approver: Annotated[str, typer.Option("--approver", help="Who takes the risk.")],
    risk: Annotated[str, typer.Option("--risk", help="What may happen.")],
    expires: Annotated[
        datetime, typer.Option("--expires", formats=["%Y-%m-%d"], help="The last day it holds.")
    ],
    target: TargetFileArgument = REFERENCE,
    by: AsOption = "",
    name: ListOption = DEFAULT_LIST,
    lists: ListsOption = LISTS,
    catalog: CatalogOption = None,
) -> None:
    """Accept an item that is not proven, until a day; behind it the waiver is void, and NO_GO.

    It is written into `waivers.toml` beside the target file.

    Example: golive checklist waive tls --reason R --approver A --risk K --expires 2026-02-01
    """
    order = order_of(name, target, lists, WEEK_HOURS, person(by))
    opened = open_list(replace(order, catalogs=tuple(catalog or ())))
    meant = find_item(item, opened.items)
    waiver = Waiver(meant.id, _said(reason), _said(approver), _said(risk), expires.date())
    if waiver.expires < date.today():  # noqa: DTZ011 - a day as people mean it
        raise ConfigurationError(
            f"--expires {waiver.expires}: that day is over", remedy="Name a day to come."
        )
    opened.waive(waiver)
    say(f"{meant.id} is accepted until {waiver.expires} by {waiver.approver}: {meant.statement}")


def _said(text: str) -> str:
    if not text.strip():
        raise ConfigurationError(
            "a waiver without words", remedy="--reason, --approver and --risk say something."
        )
    return text.strip()
