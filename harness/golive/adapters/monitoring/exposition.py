"""Reads Prometheus' text format."""

from prometheus_client.parser import text_string_to_metric_families

from golive.model.monitoring.ports import Sample


def samples_of(body: bytes) -> tuple[Sample, ...]:
    """Every sample of a metrics endpoint's answer. Raises ValueError."""
    families = text_string_to_metric_families(body.decode(errors="replace"))
    return tuple(
        Sample(one.name, dict(one.labels), float(one.value))
        for family in families
        for one in family.samples
    )
