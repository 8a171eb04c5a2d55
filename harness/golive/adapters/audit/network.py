"""Who listens where: this machine's sockets, or the public host as it answers from here."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil

from golive.errors import UnobservableError
from golive.model.ports import Recorder
from golive.model.setting import Setting

TIMEOUT_SECONDS = 2.0
PORTS = {"http": 80, "https": 443}


class NetworkAdapter:
    """Questions of one step about sockets."""

    def __init__(self, public_host: str | None, recorder: Recorder, *, is_local: bool) -> None:
        self._public_host = public_host
        self._is_local = is_local
        self._recorder = recorder

    def doors(self, address: str) -> Iterator[Setting]:
        """Where that port listens on this machine, or whether it answers at the public host."""
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        port = parts.port or PORTS.get(parts.scheme)
        if port is None:
            raise UnobservableError(address, "it has no port")
        if self._is_local:
            yield from self._listening(port)
        if self._public_host is not None:
            yield self._answer(self._public_host, port)
        elif not self._is_local:
            raise UnobservableError(address, "the target file does not say audit.public_host")

    def _listening(self, port: int) -> list[Setting]:
        with self._recorder.operation("SOCKETS", port=port) as operation:
            try:
                sockets = psutil.net_connections("tcp")
            except psutil.AccessDenied as error:
                raise UnobservableError("this machine's sockets", str(error)) from error
            addresses = sorted(
                {
                    one.laddr.ip
                    for one in sockets
                    if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
                }
            )
            operation.ok(addresses=tuple(addresses))
        return [Setting(f"port {port}", "listens on", address) for address in addresses]

    def _answer(self, host: str, port: int) -> Setting:
        with self._recorder.operation("CONNECT", host=host, port=port) as operation:
            try:
                socket.create_connection((host, port), TIMEOUT_SECONDS).close()
            except (ConnectionRefusedError, TimeoutError) as error:
                answers = False
                operation.fail(error=str(error))
            except OSError as error:
                # A name that is not known, no way to get there: nobody was asked.
                raise UnobservableError(f"{host}:{port}", str(error)) from error
            else:
                answers = True
                operation.ok()
        return Setting(f"{host}:{port}", "answers from outside", answers)
