"""Files that `[audit]` names: configurations read by their own grammar, the environment, modes."""

import configparser
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import crossplane
from dotenv import dotenv_values

from golive.errors import UnobservableError
from golive.model.audit import Audit
from golive.model.ports import Recorder
from golive.model.setting import Setting


@dataclass(frozen=True)
class _Directive:
    place: str
    name: str
    value: str


class FilesAdapter:
    """Questions of one step about files."""

    def __init__(self, section: Audit, left_out: Mapping[str, str], recorder: Recorder) -> None:
        self._section = section
        self._left_out = left_out
        self._recorder = recorder

    def nginx(self, name: str) -> tuple[Setting, ...]:
        """Every directive of that name; one without a value where there is none."""
        with self._recorder.operation(f"FILE nginx {name}") as operation:
            found = [one for one in self._directives if one.name == name]
            operation.ok(found=len(found))
        settings = tuple(Setting(one.place, name, one.value or "there") for one in found)
        return settings or (Setting("nginx", name),)

    def pgbouncer(self, name: str) -> Setting:
        """A key of `[pgbouncer]`; a deployment may do without a pooler, and says why."""
        if reason := self._left_out.get("pgbouncer"):
            with self._recorder.operation(f"FILE pgbouncer {name}") as operation:
                operation.ok(left_out=reason)
            return Setting("pgbouncer", name, left_out=reason)
        parser = configparser.ConfigParser(
            interpolation=None, strict=False, comment_prefixes=(";", "#")
        )
        with self._recorder.operation(f"FILE pgbouncer {name}") as operation:
            parser.read_string(self._read("pgbouncer_config"))
            value = parser.get("pgbouncer", name, fallback=None)
            operation.ok(known=value is not None)
        return Setting("pgbouncer", name, value)

    def environment(self) -> Mapping[str, str]:
        """The service's environment, with its secrets."""
        return self._variables("env_file")

    def example(self) -> Mapping[str, str]:
        """The example of it."""
        return self._variables("env_example")

    def variable(self, name: str) -> Setting:
        """A variable of the environment that is no secret."""
        return Setting("environment", name, self.environment().get(name))

    def mode(self, key: str) -> Setting:
        """The permissions, in octal."""
        path = self._path(key)
        with self._recorder.operation(f"FILE mode of {key}") as operation:
            setting = mode_of(path)
            operation.ok(mode=setting.value)
        return setting

    def _variables(self, key: str) -> Mapping[str, str]:
        path = self._path(key)
        with self._recorder.operation(f"FILE {key}") as operation:
            self._read(key)
            values = dotenv_values(path, interpolate=False)
            operation.ok(variables=len(values))
        return {name: value or "" for name, value in values.items()}

    @cached_property
    def _directives(self) -> tuple[_Directive, ...]:
        self._read("nginx_config")
        parsed = crossplane.parse(
            str(self._path("nginx_config")), combine=True, check_ctx=False, check_args=False
        )
        if parsed["status"] != "ok":
            raise UnobservableError("nginx_config", str(parsed["errors"][0]["error"]))
        return tuple(_flat(parsed["config"][0]["parsed"], "nginx"))

    def _path(self, key: str) -> Path:
        path = getattr(self._section, key)
        if path is None:
            raise LookupError(f"the target file does not say audit.{key}")
        return Path(path).expanduser()

    def _read(self, key: str) -> str:
        path = self._path(key)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnobservableError(str(path), str(error)) from error


def mode_of(path: Path) -> Setting:
    """The permissions of a file."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise UnobservableError(str(path), str(error)) from error
    return Setting(str(path), "mode", f"{mode:o}")


def _flat(block: list[Any], place: str) -> Iterator[_Directive]:
    for directive in block:
        value = " ".join(directive["args"])
        yield _Directive(place, directive["directive"], value)
        inside = " ".join(filter(None, (directive["directive"], value)))
        yield from _flat(directive.get("block", ()), f"{place} > {inside}")
