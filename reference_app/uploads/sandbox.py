"""Does something with a stranger's file in a child process with limits.

Libraries that parse files can be made to allocate or to compute without end; here that ends the
child, not the worker, and the upload fails with a reason instead of being tried again.
"""

import faulthandler
import multiprocessing
import os
import resource
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeVar

import psutil

from reference_app.uploads.table import FileRejectedError

MEMORY_BYTES = 512 * 1024 * 1024
"""Of address space beyond what the worker has, most of which a parser reserves and never uses."""
CPU_S = 120
PATIENCE_S = 300
"""By the clock; less than the job may take."""

T = TypeVar("T")

_fork = multiprocessing.get_context("fork")


class SandboxError(Exception):
    """The child failed by a mistake of ours; its own words are the message."""


def run(work: Callable[[], T]) -> T:
    """The result of the work; it must be picklable. FileRejectedError if a limit was hit."""
    ours, theirs = _fork.Pipe(duplex=False)
    child = _fork.Process(target=_work, args=(work, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        outcome = ours.recv() if ours.poll(PATIENCE_S) else None
    except EOFError:
        outcome = None
    finally:
        child.kill()
        child.join()
        ours.close()
    if outcome is None:
        raise FileRejectedError("The file needs more memory or time to read than is allowed.")
    kind, content = outcome
    if kind == "rejected":
        raise FileRejectedError(content)
    if kind == "failed":
        raise SandboxError(content)
    result: T = content
    return result


def _work(work: Callable[[], T], answer: Connection) -> None:
    # A parser that runs out of memory aborts and says so on stderr, where only JSON belongs.
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    used = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        outcome: tuple[str, object] = ("done", work())
    except FileRejectedError as rejected:
        outcome = ("rejected", str(rejected))
    except MemoryError:
        return
    # The boundary of the process: the parent raises it again. The file's content stays out of it.
    except Exception as error:  # noqa: BLE001
        outcome = ("failed", f"{type(error).__name__} while reading the file")
    with suppress(MemoryError):
        answer.send(outcome)
