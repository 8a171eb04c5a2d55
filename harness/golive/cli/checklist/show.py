"""`golive checklist show`."""

from dataclasses import asdict
from typing import Annotated

import typer

from golive.catalog.catalog import Catalog
from golive.cli.console import say, say_json
from golive.cli.gating import CatalogOption, JsonOption
from golive.cli.listing import DEFAULT_LIST, ListOption, rests_on
from golive.model.checklist import SECTIONS, Item, in_order
from golive.worklist import find_item, items_of


def command(
    what: Annotated[str, typer.Argument(metavar="LIST|ITEM", help="A list, or one of its items.")],
    name: ListOption = DEFAULT_LIST,
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a checklist, or all that is known of one item.

    Example: golive checklist show dns
    """
    entries = Catalog.of(tuple(catalog or ()))
    lists = {item.list for item in entries.items}
    if what in lists:
        shown = in_order(items_of(what, entries))
    else:
        inside = what.partition(".")[0]
        shown = (find_item(what, items_of(inside if inside in lists else name, entries)),)
    if as_json:
        say_json([asdict(item) for item in shown])
    elif what in lists:
        for item in shown:
            say(f"{item.id:<44} {item.statement}")
    else:
        _show(shown[0])


def _show(item: Item) -> None:
    say(f"{item.id}: {item.statement}")
    rows = {
        "why": item.why,
        "section": SECTIONS.get(item.section or "", ""),
        "level": item.level,
        "owner": item.owner,
        "rests on": rests_on(item),
        "depends on": ", ".join(item.depends_on),
        "remediation": item.remediation,
        "rollback": item.rollback,
        "stands for": ", ".join((*item.proves, *filter(None, [item.source]))),
    }
    for name, text in rows.items():
        if text:
            say(f"  {name:<12} {text}")
