-- Takes the next job of a queue into its list of jobs on their way, unless the queue is paused.
-- KEYS: queue list, intermediate list, pause of all, pause of this queue
-- ARGV: what the key of a job's hash begins with
-- Returns the job's id and its hash, nothing when there is none, or 0 when paused.
if redis.call("EXISTS", KEYS[3], KEYS[4]) > 0 then
  return 0
end
local id = redis.call("LMOVE", KEYS[1], KEYS[2], "LEFT", "RIGHT")
return id and {id, redis.call("HGETALL", ARGV[1] .. id)}
