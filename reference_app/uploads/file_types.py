"""The kinds of file that are taken, told by the extension of their name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileFormat:
    """A kind of file."""

    extension: str
    media_type: str


FORMATS = (
    FileFormat(".csv", "text/csv"),
    FileFormat(".txt", "text/plain"),
    FileFormat(".tsv", "text/tab-separated-values"),
    FileFormat(".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    FileFormat(".xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12"),
    FileFormat(".xls", "application/vnd.ms-excel"),
    FileFormat(".ods", "application/vnd.oasis.opendocument.spreadsheet"),
)


def format_of(filename: str) -> FileFormat | None:
    """The format of a file by its name; None if it is not taken."""
    lower = filename.lower()
    return next((one for one in FORMATS if lower.endswith(one.extension)), None)
