-- Runs a job again that failed for good, with all its tries.
-- KEYS: failed jobs, queue list, set of queues, job hash
-- ARGV: job id, tries, now as ISO text
if redis.call("ZREM", KEYS[1], ARGV[1]) == 0 then
  return 0
end
if redis.call("EXISTS", KEYS[4]) == 0 then
  return 0
end
redis.call("HSET", KEYS[4], "status", "queued", "retries_left", ARGV[2], "enqueued_at", ARGV[3],
  "started_at", "", "ended_at", "", "worker_name", "")
redis.call("HDEL", KEYS[4], "lost_on_the_way")
redis.call("PERSIST", KEYS[4])
redis.call("SADD", KEYS[3], KEYS[2])
redis.call("RPUSH", KEYS[2], ARGV[1])
return 1
