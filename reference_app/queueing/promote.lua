-- Moves the jobs that are due from a queue's schedule to the queue. Any number of schedulers may.
-- KEYS: scheduled jobs, queue list, set of queues
-- ARGV: now as ISO text, most jobs at once, prefix of job hashes
-- Returns how many were due.
local now = redis.call("TIME")[1]
local due = redis.call("ZRANGEBYSCORE", KEYS[1], 0, now, "LIMIT", 0, ARGV[2])
for _, id in ipairs(due) do
  redis.call("ZREM", KEYS[1], id)
  local job = ARGV[3] .. id
  if redis.call("EXISTS", job) == 1 then
    redis.call("HSET", job, "status", "queued", "enqueued_at", ARGV[1])
    redis.call("PERSIST", job)
    redis.call("SADD", KEYS[3], KEYS[2])
    redis.call("RPUSH", KEYS[2], id)
  end
end
return #due
