"""Tether, the reference service: what the go-live gate is tried against.

A request to `api` touches Redis only to claim and enqueue (`claim`), Postgres only through
pooled, bounded calls (`database`), and the bucket only in threads (`storage`). The effect of a
notification or an upload happens in a job (`jobs`), run by one of the workers that `worker`
supervises. This package never imports the gate, nor the gate this package.
"""

__version__ = "0.1.0"
