"""THR-604: zero 500 errors, by the nodes' own count."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Figures,
    Gate,
    Ruling,
    Scrape,
    Slo,
    failed,
    figures,
    idle,
    inconclusive,
    increase,
    nothing_before,
    pairs,
    passed,
    scenario,
    silence,
    total,
)


def none_is_an_error(seen: Sequence[Figures], _slo: Slo) -> Ruling:
    """No answer of 500 or above since the look before, on any node."""
    if no_look := nothing_before(seen):
        return no_look
    summed = total(
        increase(_counts(old), _counts(new), is_same_process=old.born == new.born)
        for old, new in pairs([one for one in seen if not one.error])
    )
    answers, errors = summed.counts or (0.0, 0.0)
    silent = silence(seen)
    figures_seen = {"errors": errors, "answers": answers, "restarts": summed.restarts}
    least = "at least " if summed.restarts else ""
    if errors:
        return failed(f"{least}{errors:g} of {answers:g} answers are 5xx{silent}", **figures_seen)
    if silent:
        return inconclusive(f"0 of {answers:g} answers are 5xx{silent}", **figures_seen)
    if not answers:
        return idle("nothing was answered since the look before", **figures_seen)
    return passed(f"0 of {least}{answers:g} answers are 5xx", **figures_seen)


def _counts(one: Figures) -> tuple[float, float]:
    return one.get("answers") or 0.0, one.get("errors") or 0.0


@scenario(
    needs=[Capability.METRICS],
    requires=["observe.metrics.latency"],
    evidence=Figures,
    check=none_is_an_error,
    remediation="Look for the request ids of the 5xx answers in the nodes' logs.",
)
def errors(gate: Gate) -> Iterator[Figures]:
    """No node answers 500 or above, by its own metrics."""
    metrics = gate.target.observe.metrics
    name = f"{metrics.latency}_count" if metrics else ""
    label = metrics.status_label if metrics else ""

    def failing(node: Scrape) -> float:
        found = node.values(name)
        return sum(one.value for one in found if one.labels.get(label, "").startswith("5"))

    read = {"answers": lambda node: node.sum(name) or 0.0, "errors": failing}
    yield from figures(gate, gate.watch.nodes(), read)
