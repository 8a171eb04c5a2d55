"""`golive checklist list`."""

from dataclasses import asdict

from golive.catalog.catalog import Catalog
from golive.cli.console import say, say_json
from golive.cli.gating import CatalogOption, JsonOption


def command(catalog: CatalogOption = None, as_json: JsonOption = False) -> None:
    """List the checklists.

    Example: golive checklist list
    """
    items = Catalog.of(tuple(catalog or ())).items
    if as_json:
        say_json([asdict(item) for item in items])
        return
    for name in dict.fromkeys(item.list for item in items):
        inside = [item for item in items if item.list == name]
        steps = sum(item.is_step for item in inside)
        kind = "worked through: golive checklist run" if steps else "in every run of the gate"
        say(f"{name:<20} {len(inside):>3} items, {kind}")
