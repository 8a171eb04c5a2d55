"""The service's source by git: what was ever added; where there is no history, what is there."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

from golive.errors import UnobservableError
from golive.model.ports import Recorder
from golive.model.setting import Setting

GIT_SECONDS = 30.0
PLUGINS = (
    *("AWSKeyDetector", "AzureStorageKeyDetector", "DiscordBotTokenDetector"),
    *("GitHubTokenDetector", "GitLabTokenDetector", "MailchimpDetector"),
    *("NpmDetector", "OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector"),
    *("SendGridDetector", "SlackDetector", "SquareOAuthDetector", "StripeDetector"),
    *("TelegramBotTokenDetector", "TwilioKeyDetector"),
)
"""Only those that know what they look for: entropy finds every checksum of a lock file. No JWT: it
expires, and every test of a refusal holds one.
"""

# Every token that these know has one of these in it; looking for them first saves minutes.
_WORTH_SCANNING = re.compile(
    r"PRIVATE KEY|AKIA|ASIA|A3T|AccountKey|gh[pousr]_|gl[a-z]+-|-us\d|npm|_authToken|sk-|pypi-"
    r"|SG\.|xox|hooks\.slack|sq0|[rs]k_live|\d:AA|\bAC[a-z0-9]{32}|\bSK[a-z0-9]{32}|[MNO][\w-]{23}"
)


class RepositoryAdapter:
    """Questions of one step about the history."""

    def __init__(self, folder: str | None, recorder: Recorder) -> None:
        self._folder = folder
        self._recorder = recorder

    def holding(self, words: Mapping[str, str]) -> tuple[Setting, ...]:
        """For each name, in how many lines of the history its word was ever added."""
        counts = dict.fromkeys(words, 0)
        with self._recorder.operation("GIT log", words=len(words)) as operation:
            lines = 0
            for _, line in self._added():
                lines += 1
                for name, word in words.items():
                    counts[name] += word in line
            operation.ok(lines=lines)
        return tuple(Setting("source", name, count) for name, count in counts.items())

    def leaks(self) -> tuple[Setting, ...]:
        """Lines that a scanner takes for a private key or for a provider's token, by file."""
        found: Counter[tuple[str, str]] = Counter()
        plugins = [{"name": name} for name in PLUGINS]
        with (
            self._recorder.operation("GIT scan") as operation,
            transient_settings({"plugins_used": plugins}),
        ):
            suspicious = [one for one in self._added() if _WORTH_SCANNING.search(one[1])]
            for file, line in suspicious:
                found.update((file, secret.type) for secret in scan_line(line))
            operation.ok(suspicious=len(suspicious), found=found.total())
        leaks = tuple(Setting(file, kind, count) for (file, kind), count in found.items())
        return leaks or (Setting("source", "keys and tokens", 0),)

    def committed(self, pattern: str) -> tuple[str, ...]:
        """Paths of the history, or of the source, that fit."""
        with self._recorder.operation("GIT paths", pattern=pattern) as operation:
            if self._has_history:
                paths = self._git("log", "--all", "--name-only", "--format=").splitlines()
            else:
                paths = self._files()
            found = sorted({path for path in paths if re.fullmatch(pattern, path)})
            operation.ok(paths=len(found))
        return tuple(found)

    @cached_property
    def _has_history(self) -> bool:
        return (self._root / ".git").exists()

    @property
    def _root(self) -> Path:
        if self._folder is None:
            raise LookupError("the target file does not say audit.git_repository")
        return Path(self._folder).expanduser()

    def _added(self) -> Iterator[tuple[str, str]]:
        """File and text of every line that was ever added, or that is there."""
        if not self._has_history:
            for file in self._files():
                for line in _lines(self._root / file):
                    yield file, line
            return
        file = ""
        words = ("log", "--all", "-p", "-U0", "--no-color", "--no-ext-diff", "--no-textconv")
        for line in self._git(*words, "--format=").splitlines():
            if line.startswith("+++ "):
                file = line.removeprefix("+++ b/")
            elif line.startswith("+"):
                yield file, line[1:]

    def _files(self) -> list[str]:
        """What would be committed: all files but those that are ignored."""
        with TemporaryDirectory(prefix="golive-") as empty:
            self._git("init", "--quiet", "--bare", empty)
            place = (f"--git-dir={empty}", f"--work-tree={self._root}")
            return self._git(*place, "ls-files", "--others", "--exclude-standard").splitlines()

    def _git(self, *words: str) -> str:
        # The folder may belong to another user; git only reads it.
        command = ("git", "-c", "safe.directory=*", "-C", str(self._root), *words)
        try:
            ran = subprocess.run(command, capture_output=True, timeout=GIT_SECONDS, check=True)
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()
            raise UnobservableError(str(self._root), said) from error
        except (OSError, subprocess.SubprocessError) as error:
            raise UnobservableError(str(self._root), str(error)) from error
        return ran.stdout.decode(errors="replace")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError as error:
        raise UnobservableError(str(file), str(error)) from error
