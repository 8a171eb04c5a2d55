"""Takes connections: `python _listening.py PORT…` on every address, until it is killed."""

import socket
import sys
import threading

# One that nobody refers to would be closed.
doors = [socket.create_server(("0.0.0.0", int(number)), backlog=128) for number in sys.argv[1:]]  # noqa: S104

sys.stdout.write("ready\n")
sys.stdout.flush()
threading.Event().wait()
