"""Exporters: one file of `reports/` renders a report in one format."""

from collections.abc import Callable
from dataclasses import dataclass

from golive.model.report import Report


@dataclass(frozen=True)
class Exporter:
    """`id` is the name for `--format` and comes from the file's name."""

    file_name: str
    summary: str
    render: Callable[[Report], str]
    id: str = ""
