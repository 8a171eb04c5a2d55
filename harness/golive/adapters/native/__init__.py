"""The native backend: real servers as child processes, without containers.

`servers` finds or installs the programs, `units` says how each is configured, started and known to
be healthy, `keeper` is the process that starts, supervises and stops them, `backend` talks to
keepers.
"""
