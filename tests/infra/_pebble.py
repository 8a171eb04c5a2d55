"""The certificate authority of the tests: pebble, and the name server that it asks."""

from pathlib import Path

from golive.adapters.native.servers import golang
from golive.adapters.native.servers.finding import built_program
from golive.adapters.native.servers.wanted import GoProgram, Wanted
from golive.adapters.native.versions import Version
from tests.infra._helping import ROOT

MODULE = "github.com/letsencrypt/pebble/v2/cmd"
VERSION = "v2.10.1"


def program(name: str) -> Path:
    """A program of pebble's, built once a user like the servers of the reference deployment."""
    source = GoProgram(module=f"{MODULE}/{name}", version=VERSION, program=name)
    found = built_program(source)
    if found.is_file():
        return found
    wanted = Wanted(name=name, program=name, minimum=Version((2,)), go=source)
    return golang.build(wanted, source, ROOT, print)
