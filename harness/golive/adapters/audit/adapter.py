"""Hands an audit what the target file lets it look at."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from urllib.parse import quote, urlsplit

from golive.adapters.audit import advisories
from golive.adapters.audit.bucket import BucketAdapter
from golive.adapters.audit.database import DatabaseAdapter
from golive.adapters.audit.files import FilesAdapter
from golive.adapters.audit.footprint import FootprintAdapter
from golive.adapters.audit.logs import LogsAdapter
from golive.adapters.audit.network import NetworkAdapter
from golive.adapters.audit.redis_server import RedisServerAdapter
from golive.adapters.audit.releases import ReleasesAdapter
from golive.adapters.audit.repository import RepositoryAdapter
from golive.adapters.postgres import SqlAdapter
from golive.errors import UnobservableError
from golive.model.audit_ports import Who
from golive.model.ports import Recorder
from golive.model.setting import Setting
from golive.model.target import Target

NO_PASSWORD = ""


class AuditAdapter:
    """What one step may look at; `sql` connects when it is called."""

    def __init__(
        self,
        target: Target,
        secrets: Mapping[str, str],
        sql: Callable[[], SqlAdapter],
        recorder: Recorder,
    ) -> None:
        self._target = target
        self._secrets = secrets
        self._sql = sql
        self._recorder = recorder

    @cached_property
    def files(self) -> FilesAdapter:
        """The files of `[audit]`."""
        return FilesAdapter(self._target.audit, self._target.target.left_out, self._recorder)

    @cached_property
    def queue(self) -> RedisServerAdapter:
        """The queue's Redis."""
        section = self._target.observe.queue
        if section is None:
            raise LookupError("the target file has no [observe.queue]")
        return self._redis("queue's Redis", section.url_env, "REDIS")

    @cached_property
    def cache(self) -> RedisServerAdapter:
        """The cache's Redis."""
        return self._redis("cache's Redis", self._target.audit.cache_url_env, "REDIS_CACHE")

    @property
    def database(self) -> DatabaseAdapter:
        """The database."""
        return DatabaseAdapter(self._sql())

    @cached_property
    def bucket(self) -> BucketAdapter:
        """The bucket."""
        section = self._target.observe.s3
        if section is None:
            raise LookupError("the target file has no [observe.s3]")
        keys = {Who.OBSERVER: (self._secrets[section.key_env], self._secrets[section.secret_env])}
        return BucketAdapter(section, keys, self._service_key, self._recorder)

    @cached_property
    def repository(self) -> RepositoryAdapter:
        """The history of the source."""
        return RepositoryAdapter(self._target.audit.git_repository, self._recorder)

    @cached_property
    def logs(self) -> LogsAdapter:
        """The logs."""
        return LogsAdapter(self._target.observe.logs, self._recorder)

    @cached_property
    def network(self) -> NetworkAdapter:
        """Sockets."""
        is_local = self._target.target.environment == "local"
        return NetworkAdapter(self._target.audit.public_host, self._recorder, is_local=is_local)

    @cached_property
    def footprint(self) -> FootprintAdapter:
        """Memory and temporary files."""
        return FootprintAdapter(self._target.observe.footprint, self._recorder)

    @cached_property
    def releases(self) -> ReleasesAdapter:
        """What the servers run."""
        return ReleasesAdapter(self._target.deploy, self._recorder)

    def advisories(self) -> Sequence[Setting]:
        """Known holes of the service's packages."""
        return advisories.known(self._target.audit.requirements, self._recorder)

    def _redis(self, place: str, url_env: str | None, prefix: str) -> RedisServerAdapter:
        if url_env is None:
            raise LookupError(f"the target file does not say where the {place} is")
        url = self._secrets[url_env]
        return RedisServerAdapter(
            place,
            {Who.OBSERVER: url, Who.STRANGER: _as(url, "", NO_PASSWORD)},
            lambda: _as(url, *self._service_login(prefix)),
            self._recorder,
        )

    def _service_login(self, prefix: str) -> tuple[str, str]:
        variables = self.files.environment()
        password = variables.get(f"{prefix}_PASSWORD", "")
        if not password:
            raise UnobservableError("the service's environment", f"it has no {prefix}_PASSWORD")
        return variables.get(f"{prefix}_USERNAME", ""), password

    def _service_key(self) -> tuple[str, str]:
        variables = self.files.environment()
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        if missing := [name for name in names if not variables.get(name)]:
            raise UnobservableError("the service's environment", f"it has no {missing[0]}")
        return variables[names[0]], variables[names[1]]


def _as(url: str, user: str, password: str) -> str:
    """The address with another login."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if password else ""
    return parts._replace(netloc=f"{login}{place}").geturl()
