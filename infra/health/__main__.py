"""One round of the health check: `python3 -m infra.health --nodes FILE --reload COMMAND`.

A systemd timer calls it every ten seconds. A node that fails three rounds in a row is marked `down`
in the file that nginx includes, and nginx is reloaded; a node that answers is put back. The file is
the state, with a count of failures beside it, so that a restart forgets nothing. Where every node
fails, whatever they stand on is broken, and taking out the rest would mend nothing: they stay.

Needs Python alone, since a balancer has nothing else.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

FAILURES = 3
TIMEOUT_SECONDS = 5.0
OK = 200
LINE = re.compile(
    r"^(?P<before>\s*server\s+(?P<address>\S+)[^;]*?)(?P<down>\s+down)?;", re.MULTILINE
)


@dataclass(frozen=True)
class Round:
    """The file as it is to be, how often in a row each node has failed, and who is out."""

    text: str
    failures: Mapping[str, int]
    down: frozenset[str]


def decide(text: str, failures: Mapping[str, int], well: Collection[str]) -> Round:
    """Mark nodes in the file by how they answered."""
    lines = list(LINE.finditer(text))
    addresses = [line["address"] for line in lines]
    counted = {one: 0 if one in well else failures.get(one, 0) + 1 for one in addresses}
    down = {one for one in addresses if counted[one] >= FAILURES}
    # One that has failed only now still counts as a node that takes requests.
    if down == set(addresses):
        down = {line["address"] for line in lines if line["down"]}

    def marked(line: re.Match[str]) -> str:
        return f"{line['before']}{' down' if line['address'] in down else ''};"

    return Round(LINE.sub(marked, text), counted, frozenset(down))


def main() -> int:
    """One round."""
    parser = argparse.ArgumentParser(prog="infra.health", description=__doc__)
    parser.add_argument("--nodes", type=Path, required=True, help="the file that nginx includes")
    parser.add_argument("--path", default="/health/ready", help="what is asked of a node")
    parser.add_argument("--reload", required=True, help="the command that reloads nginx")
    given = parser.parse_args()
    text = given.nodes.read_text()
    addresses = [line["address"] for line in LINE.finditer(text)]
    with ThreadPoolExecutor(max_workers=len(addresses) or 1) as askers:
        answers = askers.map(lambda one: _is_well(f"http://{one}{given.path}"), addresses)
    well = {one for one, answered in zip(addresses, answers, strict=True) if answered}
    counts = given.nodes.with_suffix(".failures.json")
    found = decide(text, _read(counts), well)
    _replace(counts, json.dumps(found.failures))
    return _apply(given.nodes, text, found, given.reload)


def _apply(nodes: Path, before: str, found: Round, command: str) -> int:
    if found.text == before:
        return 0
    _replace(nodes, found.text)
    ended = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    if ended.returncode:
        # As nginx still has it, so that the next round tries again.
        _replace(nodes, before)
        sys.stderr.write(f"{command}: exit {ended.returncode}: {ended.stderr.strip()}\n")
        return 1
    sys.stderr.write(f"out: {', '.join(sorted(found.down)) or 'none'}\n")
    return 0


def _is_well(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as answer:
            return bool(answer.status == OK)
    except (OSError, ValueError):
        return False


def _read(path: Path) -> dict[str, int]:
    try:
        return {str(name): int(count) for name, count in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _replace(path: Path, text: str) -> None:
    """In one step: nginx may read it at any moment."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_text(text)
    scratch.replace(path)


if __name__ == "__main__":
    sys.exit(main())
