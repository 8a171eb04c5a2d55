"""Sends forms to one address over connections that are kept, with as little work as can be.

Belongs to a generating process. geventhttpclient's own `request` puts together and looks through
headers each time, which is a sixth of what a request costs; here they are the same for all.
"""

from urllib.parse import SplitResult, urlsplit

from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.response import HTTPSocketPoolResponse

from golive.model.ports import Reply

CONNECT_TIMEOUT_SECONDS = 4.0
PORTS = {"http": 80, "https": 443}


class Client:
    """At most `connections` of them; whoever sends limits the time of a whole request.

    `ca_file` says whom to trust at an https:// url.
    """

    def __init__(self, url: str, connections: int, ca_file: str | None = None) -> None:
        parts = urlsplit(url)
        self._url = url
        self._pool = _pool(parts, connections, ca_file)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._head = (
            f"POST {path} HTTP/1.1\r\n"
            f"Host: {parts.netloc.rpartition('@')[2]}\r\n"
            "User-Agent: golive\r\n"
            "Accept: */*\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: "
        ).encode("latin-1")

    def post(self, form: bytes) -> Reply:
        """Send a form and read the whole answer."""
        sock = self._pool.get_socket()
        try:
            sock.sendall(b"%b%d\r\n\r\n%b" % (self._head, len(form), form))
        except BaseException:
            self._pool.release_socket(sock)
            raise
        # It gives the connection back by itself, also where reading it fails.
        response = HTTPSocketPoolResponse(sock, self._pool, method="POST")
        content = response.read()
        headers = {name.lower(): value for name, value in response.headers}
        return Reply(self._url, response.status_code, headers, content, 0.0)


def _pool(parts: SplitResult, connections: int, ca_file: str | None) -> ConnectionPool:
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    address = (host, port, host, port)
    if parts.scheme == "https":
        trusted = {"ca_certs": ca_file} if ca_file else None
        pool: ConnectionPool = SSLConnectionPool(*address, ssl_options=trusted, size=connections)
    else:
        pool = ConnectionPool(*address, size=connections)
    pool.connection_timeout = CONNECT_TIMEOUT_SECONDS
    # Each wait would start a timer of its own beside that of the whole request.
    pool.network_timeout = None  # type: ignore[assignment]
    return pool
