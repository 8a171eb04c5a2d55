"""Reads waivers: `waivers.toml` beside the target file, one `[[waiver]]` table each."""

import tomllib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from golive.errors import ConfigurationError
from golive.model.checklist import Waiver

FILE_NAME = "waivers.toml"
_READER = TypeAdapter(tuple[Waiver, ...])


def read_waivers(target_file: Path) -> tuple[Waiver, ...]:
    """The waivers that lie beside a target file, none where there is no such file."""
    path = target_file.with_name(FILE_NAME)
    if not path.is_file():
        return ()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return _READER.validate_python(document.get("waiver", []))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(
            f"{path}: {error}",
            remedy="Each [[waiver]] has id, reason, approver, risk and expires (a date).",
        ) from None
