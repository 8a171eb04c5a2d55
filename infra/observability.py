"""Writes what Prometheus and Grafana read, from a target file: `python -m infra.observability
targets/reference.toml OUT`. Thresholds are its [slo], addresses its [nodes] and base_url.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from golive.config.target_file import read_target
from golive.errors import GoliveError
from golive.model.slo import Slo
from golive.model.target import Target
from infra.grafana import dashboard
from infra.render import render

HERE = Path(__file__).parent
QUEUE_FIGURES = (
    *("queue_waiting_jobs", "queue_oldest_seconds", "queue_failed_jobs", "queue_long_wait"),
    *("queue_paused", "workers_alive"),
)
COPIED = (
    ("prometheus/blackbox.yml", "prometheus/blackbox.yml"),
    ("grafana/provisioning/dashboards.yml", "grafana/provisioning/dashboards/tether.yml"),
)


@dataclass(frozen=True)
class Burn:
    """An alert of the SRE workbook: the budget burns so many times too fast in both windows."""

    name: str
    rate: float
    long: str
    short: str
    severity: str
    budget: float

    @property
    def threshold(self) -> str:
        """The ratio of failed requests at which it does."""
        return f"{self.rate * self.budget:g}"


def burns(slo: Slo) -> tuple[Burn, ...]:
    """All four."""
    budget = round(1 - slo.error_budget.availability, 9)
    return (
        Burn("Fast", 14.4, "1h", "5m", "page", budget),
        Burn("Soon", 6, "6h", "30m", "page", budget),
        Burn("Slowly", 3, "1d", "2h", "ticket", budget),
        Burn("Steadily", 1, "3d", "6h", "ticket", budget),
    )


def windows(slo: Slo) -> tuple[str, ...]:
    """Every window of them."""
    return tuple(dict.fromkeys(one for burn in burns(slo) for one in (burn.short, burn.long)))


def files(target: Target, blackbox: str, alertmanager: str) -> Iterator[tuple[str, str]]:
    """Each file by its place."""
    slo = target.slo
    values = {
        "nodes": {name: urlsplit(url).netloc for name, url in target.nodes.items()},
        "entrance": f"{target.target.base_url}{target.target.health}",
        "blackbox": blackbox,
        "alertmanager": alertmanager,
        "burns": burns(slo),
        "windows": windows(slo),
        "objective": f"{slo.error_budget.availability:.3%}",
        "queue_figures": QUEUE_FIGURES,
        "queue_depth": slo.queue_depth,
        "p95_seconds": f"{slo.p95_ms / 1000:g}",
        "p99_seconds": f"{slo.p99_ms / 1000:g}",
    }
    for name in ("prometheus.yml", "rules.yml"):
        text = render(f"prometheus/{name}.j2", values)
        yield f"prometheus/{name}", text
    yield (
        "grafana/provisioning/datasources/tether.yml",
        render("grafana/provisioning/datasources.yml.j2", values),
    )
    for source, place in COPIED:
        yield place, (HERE / source).read_text()
    document = dashboard.of(slo, [(burn.long, burn.rate) for burn in burns(slo)])
    yield "grafana/dashboards/tether.json", f"{json.dumps(document, indent=1)}\n"


def write(target: Target, out: Path, blackbox: str, alertmanager: str) -> list[Path]:
    """Write all of them."""
    written = []
    for place, text in files(target, blackbox, alertmanager):
        path = out / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        written.append(path)
    return written


def main(arguments: list[str]) -> int:
    """Read the target file, and write."""
    parser = argparse.ArgumentParser(prog="infra.observability", description=__doc__)
    parser.add_argument("target", type=Path, help="such as targets/reference.toml")
    parser.add_argument("out", type=Path, help="a folder that gets prometheus/ and grafana/")
    parser.add_argument("--blackbox", default="127.0.0.1:9115", help="the blackbox exporter")
    parser.add_argument("--alertmanager", default="", help="host:port of the Alertmanager")
    given = parser.parse_args(arguments)
    try:
        target = read_target(given.target)
        if not target.nodes:
            sys.stderr.write(f"{given.target}: [nodes] names nobody to look at\n")
            return GoliveError.exit_code
        written = write(target, given.out, given.blackbox, given.alertmanager)
    except (GoliveError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return GoliveError.exit_code
    sys.stdout.writelines(f"{path}\n" for path in written)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
