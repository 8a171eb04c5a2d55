"""What an audit is handed: ways to look at settings, files, doors and logs, and to change none."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from golive.model.setting import Setting


class Who(StrEnum):
    """By whose credentials something is asked."""

    OBSERVER = "the observer"
    SERVICE = "the service"
    STRANGER = "a stranger"


class RedisServerPort(Protocol):
    """One Redis."""

    def config(self, name: str) -> Setting:
        """A setting, by CONFIG GET."""

    def info(self, name: str) -> Setting:
        """A figure, by INFO."""

    def word(self, who: Who, *command: str) -> Setting:
        """The first word of the answer to a command: PONG, OK, NOPERM, NOAUTH, ERR."""

    def lifetimes(self, pattern: str) -> tuple[Setting, ...]:
        """Of the keys that fit: how many, how many that never expire, the longest in seconds."""


class DatabasePort(Protocol):
    """The database's settings and catalog, in read-only transactions."""

    def setting(self, name: str) -> Setting:
        """A setting as the observer's session sees it."""

    def value(self, name: str, query: str, **parameters: str) -> Setting:
        """The first column of the first row of a query with `:name` parameters."""


class BucketPort(Protocol):
    """The bucket, as several see it."""

    def word(self, who: Who, method: str, key: str = "", query: str = "") -> Setting:
        """`OK`, or the store's word of refusal. A PUT's checksum is wrong, so that nothing is kept
        where it is allowed (`BadDigest`).
        """

    def some_key(self) -> str:
        """The key of an object that is there (empty = it holds none)."""

    def text(self, query: str) -> Setting:
        """What the observer is told of `?versioning`, `?lifecycle`."""

    def buckets(self, who: Who) -> Setting:
        """The names of all buckets that are listed, separated by blanks."""


class FilesPort(Protocol):
    """Files that `[audit]` names."""

    def nginx(self, name: str) -> tuple[Setting, ...]:
        """Every directive of that name; its place is the blocks around it. One without a value
        where there is none.
        """

    def pgbouncer(self, name: str) -> Setting:
        """A key of `[pgbouncer]`."""

    def environment(self) -> Mapping[str, str]:
        """The service's environment, with its secrets: for the drive alone, never for evidence."""

    def example(self) -> Mapping[str, str]:
        """The example of it."""

    def variable(self, name: str) -> Setting:
        """A variable of the environment that is no secret."""

    def mode(self, key: str) -> Setting:
        """The permissions, in octal, of the file that `[audit]` names by that key."""


class RepositoryPort(Protocol):
    """The history of the service's source, or the source alone where it has none."""

    def holding(self, words: Mapping[str, str]) -> tuple[Setting, ...]:
        """For each name, in how many lines of the history its word was ever added."""

    def leaks(self) -> tuple[Setting, ...]:
        """Lines that a scanner takes for a private key or for a provider's token, by file."""

    def committed(self, pattern: str) -> tuple[str, ...]:
        """Paths of the history that fit."""


class LogsPort(Protocol):
    """The service's logs."""

    def holding(self, words: Mapping[str, str]) -> tuple[Setting, ...]:
        """For each name, how often its word is there."""

    def readers(self) -> tuple[Setting, ...]:
        """Whether others than owner and group can come to each file and read it."""


class NetworkPort(Protocol):
    """Who listens where."""

    def doors(self, address: str) -> Iterator[Setting]:
        """Where that port listens on this machine, or whether it answers at the public host."""


class FootprintPort(Protocol):
    """What the service takes of its machines."""

    def memory(self) -> Mapping[str, int]:
        """The resident memory of each process of the service, in bytes; the larger of two that have
        one name.
        """

    def temporary(self) -> frozenset[str]:
        """The temporary files of the service."""


class ReleasesPort(Protocol):
    """What the servers run."""

    def running(self) -> tuple[Setting, ...]:
        """The release of each server that a deploy replaces, workers too; none where the target
        file has no `[deploy]`.
        """


class AuditPort(Protocol):
    """Everything of that."""

    @property
    def queue(self) -> RedisServerPort:
        """The queue's Redis."""

    @property
    def cache(self) -> RedisServerPort:
        """The cache's Redis."""

    @property
    def database(self) -> DatabasePort:
        """The database."""

    @property
    def bucket(self) -> BucketPort:
        """The bucket."""

    @property
    def files(self) -> FilesPort:
        """The files of `[audit]`."""

    @property
    def repository(self) -> RepositoryPort:
        """The history of the source."""

    @property
    def logs(self) -> LogsPort:
        """The logs."""

    @property
    def network(self) -> NetworkPort:
        """Sockets."""

    @property
    def footprint(self) -> FootprintPort:
        """Memory and temporary files."""

    @property
    def releases(self) -> ReleasesPort:
        """What the servers run."""

    def advisories(self) -> Sequence[Setting]:
        """Known holes of the packages in `[audit] requirements`."""
