"""Version numbers as servers print them."""

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"(?<![\w.])v?(?:go)?(\d+(?:\.\d+)+|\d{2,})")
_RELEASE = re.compile(r"(\d{4})-(\d{2})-(\d{2})T")


@dataclass(frozen=True, order=True)
class Version:
    """A version that can be compared: 7.0.15, or 2026.2.12 for programs named by their date."""

    parts: tuple[int, ...]

    def __str__(self) -> str:
        return ".".join(str(part) for part in self.parts)


def parse_version(text: str) -> Version | None:
    """The first version number in what a program prints about itself."""
    release = _RELEASE.search(text)
    if release:
        return Version(tuple(int(part) for part in release.groups()))
    number = _NUMBER.search(text.replace("=", " ").replace("/", " "))
    return Version(tuple(int(part) for part in number[1].split("."))) if number else None
