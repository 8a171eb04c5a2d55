"""Deploys releases to a running deployment, as the commands of its target file's `[deploy]` do.

`__main__` is the command line, `sources` makes releases of revisions and folders, `servers` ends
and starts servers in a release, `balancer` takes nodes out of nginx and in again.
"""
