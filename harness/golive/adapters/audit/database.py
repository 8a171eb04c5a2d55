"""The database's settings and catalog."""

from golive.adapters.postgres import SqlAdapter
from golive.model.setting import Setting

PLACE = "database"


class DatabaseAdapter:
    """Questions of one step about the database itself."""

    def __init__(self, sql: SqlAdapter) -> None:
        self._sql = sql

    def setting(self, name: str) -> Setting:
        """A setting as the observer's session sees it."""
        query = "select current_setting(:setting, true)"
        return Setting(PLACE, name, self._sql.first(f"setting {name}", query, setting=name))

    def value(self, name: str, query: str, **parameters: str) -> Setting:
        """The first column of the first row."""
        return Setting(PLACE, name, self._sql.first(name, query, **parameters))
