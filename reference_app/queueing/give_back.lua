-- Gives a job whose process died back to its queue: once, whoever asks, and at the cost of a try.
-- KEYS: queue list, intermediate list, running jobs, scheduled jobs, job hash,
--       execution hash, the job's executions, the worker's executions, statistics
-- ARGV: job id, "job:execution" or "" when no execution was begun, execution id, now as ISO text,
--       how often a job may be lost on its way before that costs a try
-- Returns 0: nothing to give back; 1: given back; 2: it has no try left, nothing was changed.
local id, entry = ARGV[1], ARGV[2]
local function tidy()
  redis.call("ZREM", KEYS[3], entry)
  redis.call("LREM", KEYS[2], 1, id)
  redis.call("DEL", KEYS[6])
  redis.call("ZREM", KEYS[7], ARGV[3])
  redis.call("SREM", KEYS[8], entry)
end

local held
if entry ~= "" then
  held = redis.call("ZSCORE", KEYS[3], entry)
else
  held = redis.call("LPOS", KEYS[2], id)
end
if not held then
  return 0
end

local status = redis.call("HGET", KEYS[5], "status")
-- A retry is marked as scheduled a moment before it is: without its entry it never was.
local open = status == "started"
  or (status == "scheduled" and not redis.call("ZSCORE", KEYS[4], id))
if open then
  if tonumber(redis.call("HGET", KEYS[5], "retries_left") or "0") <= 0 then
    return 2
  end
  redis.call("HINCRBY", KEYS[5], "retries_left", -1)
elseif status == "queued" and not redis.call("LPOS", KEYS[1], id) then
  -- Lost between the queue and its start: no fault of the job's, unless it goes on and on.
  local lost = tonumber(redis.call("HGET", KEYS[5], "lost_on_the_way") or "0")
  if lost >= tonumber(ARGV[5]) then
    return 2
  end
  redis.call("HINCRBY", KEYS[5], "lost_on_the_way", 1)
else
  tidy()
  return 0
end
tidy()
redis.call("HSET", KEYS[5], "status", "queued", "enqueued_at", ARGV[4])
redis.call("PERSIST", KEYS[5])
redis.call("LPUSH", KEYS[1], id)
redis.call("HINCRBY", KEYS[9], "failed", 1)
return 1
