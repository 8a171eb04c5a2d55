-- Claims an idempotency key and enqueues its job, both or neither.
-- KEYS: claim, job hash, set of queues, queue list
-- ARGV: claim's time to live in seconds, job id, terms that a repetition must agree on,
--       then field, value, field, value ... of the job hash
-- Returns 1 for a first claim, 0 for a repeated one, -1 for one with other terms
if not redis.call("SET", KEYS[1], ARGV[3], "NX", "EX", ARGV[1]) then
  return redis.call("GET", KEYS[1]) == ARGV[3] and 0 or -1
end
-- What an older run under the same id left behind (a kept failure) must not mix with the new job.
redis.call("DEL", KEYS[2])
redis.call("HSET", KEYS[2], unpack(ARGV, 4))
redis.call("SADD", KEYS[3], KEYS[4])
redis.call("RPUSH", KEYS[4], ARGV[2])
return 1
