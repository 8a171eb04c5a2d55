-- All figures of some queues in one go, without any of the clean-up that asking RQ would start.
-- KEYS: pause of all queues
-- ARGV: names of the queues
-- Returns for each queue: waiting, age mark of the first one, running, scheduled, failed, paused,
-- statistics as field, value, field, value ..., the last heartbeats of its workers
local all_paused = redis.call("EXISTS", KEYS[1])
local answer = {}
for _, name in ipairs(ARGV) do
  local list = "rq:queue:" .. name
  local first = redis.call("LINDEX", list, 0)
  local mark = first and redis.call("HGET", "rq:job:" .. first, "enqueued_at")
  local beats = {}
  for _, worker in ipairs(redis.call("SMEMBERS", "rq:workers:" .. name)) do
    table.insert(beats, redis.call("HGET", worker, "last_heartbeat") or "")
  end
  table.insert(answer, {
    redis.call("LLEN", list), mark or "",
    redis.call("ZCARD", "rq:wip:" .. name), redis.call("ZCARD", "rq:scheduled:" .. name),
    redis.call("ZCARD", "rq:failed:" .. name),
    math.max(all_paused, redis.call("EXISTS", "tether:paused:" .. name)),
    redis.call("HGETALL", "tether:stats:" .. name), beats,
  })
end
return answer
