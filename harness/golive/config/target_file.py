"""Reads a target file; reports all of its problems at once, each with its line."""

import re
import ssl
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from golive.config.toml_lines import line_of, lines_of
from golive.errors import ConfigurationError, Problem, TargetFileError
from golive.model.target import Target
from golive.model.target_rules import malformed

_READER = TypeAdapter(Target)
_POSITION = re.compile(r" \(at line (\d+), column \d+\)$| \(at end of document\)$")


def read_target(path: Path) -> Target:
    """The target that a file describes.

    Raises ConfigurationError when the file cannot be read, TargetFileError when it is wrong.
    """
    text = _read(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TargetFileError(str(path), (_syntax_problem(str(error)),)) from None
    found = dict(malformed(document))
    try:
        target = _READER.validate_python(document)
    except ValidationError as error:
        found |= dict(_mistyped(error))
    else:
        found |= dict(_mistrusted(target))
    if not found:
        return target
    lines = lines_of(text)
    problems = [Problem(line_of(key, lines), key, reason) for key, reason in found.items()]
    raise TargetFileError(str(path), tuple(sorted(problems, key=lambda problem: problem.line)))


def _mistrusted(target: Target) -> Iterator[tuple[str, str]]:
    """What is wrong with the certificate authority."""
    section = target.target
    if section.ca_file is None:
        return
    if not section.base_url.startswith("https:"):
        yield "target.ca_file", "needs an https:// base_url"
        return
    try:
        ssl.create_default_context(cafile=section.ca_file)
    except OSError as error:
        reason = "holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        yield "target.ca_file", f"{section.ca_file}: {reason}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(
            f"target file {path}: {reason}",
            remedy="`golive up` writes targets/reference.toml; docs/target.md explains your own.",
        ) from None


def _syntax_problem(message: str) -> Problem:
    position = _POSITION.search(message)
    line = int(position[1]) if position and position[1] else 0
    return Problem(line, "TOML syntax", _POSITION.sub("", message))


def _mistyped(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Key and reason of everything that is missing, unknown or of the wrong type."""
    for entry in error.errors():
        key = ".".join(str(part) for part in entry["loc"] if not isinstance(part, int))
        yield key, _reason(entry["type"], entry["msg"])


def _reason(kind: str, message: str) -> str:
    known: dict[str, str] = {
        "missing": "is missing",
        "missing_argument": "is missing",
        "unexpected_keyword_argument": "is not a key of this section",
    }
    # pydantic's sentences begin with "Input should be …".
    return known.get(kind, message[:1].lower() + message[1:])


def secret_names(target: Target) -> dict[str, str]:
    """Environment variable -> the key of the target file that names it."""
    found: dict[str, str] = {}
    sections: dict[str, Any] = {
        "uploads": target.uploads,
        "webhook": target.webhook,
        "observe.sql": target.observe.sql,
        "observe.queue": target.observe.queue,
        "observe.s3": target.observe.s3,
        "contract": target.contract,
        "audit": target.audit,
    }
    for name, section in sections.items():
        for key, value in vars(section).items() if section else ():
            if key.endswith("_env") and value:
                found[value] = f"{name}.{key}"
    return found


def escalation_secrets(target: Target) -> dict[str, str]:
    """The same of the ways to tell somebody, which only a watch needs."""
    return {
        value: f"monitor.escalate.{key}"
        for section in target.monitor.escalate
        for key, value in vars(section).items()
        if key.endswith("_env") and value
    }
