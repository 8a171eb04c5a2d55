"""What the steps of a run share, so that none explores again what another did."""

from dataclasses import dataclass, field

from golive.model.contract import Exploration


@dataclass
class Shared:
    """Explorations of this run by their number of cases."""

    explorations: dict[int, Exploration] = field(default_factory=dict)
