"""Acts on the processes and servers of a running deployment, as a target file's commands do.

`__main__` is the command line, `roles` says which processes a role has, `commands` holds one file
per fault that is no mere process' end.
"""
