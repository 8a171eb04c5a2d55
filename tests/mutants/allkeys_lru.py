"""The queue in a Redis that was set up as a cache."""

DEFECT = "The queue's Redis is small and evicts the least used key, jobs and claims included."
CAUGHT_BY = "chaos.redis_evicts"
CONFIGURATION = {
    "redis/queue.conf.j2": {
        "maxmemory 1gb": "maxmemory 8mb",
        "maxmemory-policy noeviction": "maxmemory-policy allkeys-lru",
    }
}
