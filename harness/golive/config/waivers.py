"""Reads waivers: `waivers.toml` beside the target file, one `[[waiver]]` table each."""

import json
import tomllib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from golive.errors import ConfigurationError
from golive.model.checklist import Waiver
from golive.model.wording import visible

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


def add_waiver(target_file: Path, waiver: Waiver) -> Path:
    """Write one more waiver beside a target file, behind those that are there."""
    read_waivers(target_file)  # a file that cannot be read is not made longer
    path = target_file.with_name(FILE_NAME)
    texts = {name: getattr(waiver, name) for name in ("id", "reason", "approver", "risk")}
    lines = [f"{name} = {_quoted(text)}" for name, text in texts.items()]
    table = "\n".join(["[[waiver]]", *lines, f"expires = {waiver.expires.isoformat()}", ""])
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        gap = "\n" if before and not before.endswith("\n\n") else ""
        path.write_text(f"{before}{gap}{table}", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _quoted(text: str) -> str:
    """A string of JSON without control characters is one of TOML."""
    return json.dumps(visible(text), ensure_ascii=False)
