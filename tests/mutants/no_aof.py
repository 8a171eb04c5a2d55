"""The queue lives in memory alone."""

DEFECT = "The queue's Redis writes neither a log of appends nor snapshots: its end is theirs."
CAUGHT_BY = "chaos.redis_killed"
CONFIGURATION = {"redis/queue.conf.j2": {"appendonly yes": "appendonly no"}}
