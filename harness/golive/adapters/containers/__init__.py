"""The reference deployment as containers, on whatever Docker engine `DOCKER_HOST` names.

`services` says what runs, `backend` starts and ends it, `control` acts on it for drills, `follower`
keeps its logs as files. Configuration, passwords and the target file are those of `native`.
"""
