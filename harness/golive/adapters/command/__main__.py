"""Keeps one command: waits for it, ends it when its time is up, and writes down how it ended.

It is a process of its own, in a session of its own: a killed golive neither ends the command nor
loses its end. `python -m golive.adapters.command FOLDER TIMEOUT_SECONDS WORD…`
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

GRACE_SECONDS = 5.0
NOT_FOUND = 127


def main(folder: Path, timeout_seconds: float, words: list[str]) -> None:
    """Run the command and leave `end.json` in the folder."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (folder / "output.txt").open("wb") as output:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            output.write(f"{words[0]}: {error.strerror}\n".encode())
            _leave(folder, NOT_FOUND, "could not be started")
            return
        _leave(folder, *_wait(process, timeout_seconds))


def _wait(process: subprocess.Popen[bytes], timeout_seconds: float) -> tuple[int, str]:
    try:
        code = process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        return _end(process), f"took longer than {timeout_seconds:g} s and was ended"
    except KeyboardInterrupt:
        return _end(process), "was ended by whoever had started it"
    return code, f"ended with {code}"


def _end(process: subprocess.Popen[bytes]) -> int:
    """End it and all that it has started."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return process.returncode or 1


def _leave(folder: Path, code: int, words: str) -> None:
    partial = folder / "end.json.partial"
    partial.write_text(json.dumps({"code": code, "words": words}))
    partial.replace(folder / "end.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
