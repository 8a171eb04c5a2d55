"""Encrypts what Locust's processes tell each other: an order holds the webhook's password, and a
worker does what its master says. Belongs to generating processes.

Both sides make their keys of one secret (CURVE of ZeroMQ). Without it nobody is heard, nor hears.
"""

import hashlib
from typing import Any

import zmq
from locust.rpc import zmqrpc
from zmq.utils import z85

from golive import __version__

# What scrypt's authors advise for interactive use: an eavesdropper must not guess the secret.
COST, BLOCK, LANES = 2**14, 8, 1
KEY_BYTES = 32


def secure(secret: str) -> None:
    """Let every connection that Locust opens from now on use keys made of the secret."""
    master, worker = _pair(secret, "master"), _pair(secret, "worker")
    opened = zmqrpc.BaseSocket.__init__

    # Locust has no place for this: its socket is bound or connected as soon as it is made.
    def open_secured(self: Any, sock_type: int, ipv4_only: bool) -> None:
        opened(self, sock_type, ipv4_only)  # type: ignore[no-untyped-call]
        own = master if sock_type == zmq.ROUTER else worker
        self.socket.curve_publickey, self.socket.curve_secretkey = own
        if own is master:
            self.socket.curve_server = True
        else:
            self.socket.curve_serverkey = master[0]

    zmqrpc.BaseSocket.__init__ = open_secured  # type: ignore[method-assign]


def _pair(secret: str, role: str) -> tuple[bytes, bytes]:
    """The keys of one side. Another version of golive has others: it speaks another language."""
    salt = f"golive {__version__} {role}".encode()
    raw = hashlib.scrypt(secret.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, dklen=KEY_BYTES)
    private = z85.encode(raw)
    return zmq.curve_public(private), private
