-- One decision of the limiter, atomic over all mailboxes of a request, or the refund of one.
--
-- KEYS       the log of each distinct mailbox of the request
-- ARGV[1]    'admit' or 'refund'
-- ARGV[2]    tag of the request: lane * 16 + category
-- ARGV[3]    short request id, 4 bytes
-- ARGV[4]    rules, 9 bytes each: scope (1 same tag, 2 same lane, 3 all but reserved), window in seconds, count
-- ARGV[5]    how long entries are kept, in ms: longer than the largest window
-- ARGV[6]    a time in ms, only with keys under 'replay:'; otherwise Redis' own clock decides
--
-- A log is a string of entries of 11 bytes, oldest first: time in ms (6), tag (1), short request id (4).
--
-- admit returns {rule (from 0), remaining, reset at, retry at (0: admitted), clock, last sent at, refused (from 0)...}
-- refund returns the number of entries taken back.

local kEntry = 11
local kReserved = 3
local kRefundFor = 600000

local tag, id, rules, keep = tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])

local function read_clock()
  if not ARGV[6] then
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
  end
  for _, key in ipairs(KEYS) do
    if string.sub(key, 1, 7) ~= 'replay:' then error('a time may only be given for replay: keys') end
  end
  return tonumber(ARGV[6])
end

local function time_at(log, position)
  return (struct.unpack('>I6', log, position))
end

local function newest_time(log)
  return log == '' and 0 or time_at(log, #log - kEntry + 1)
end

-- For each scope the times of the entries it counts, newest first.
local function times_by_scope(log, now)
  local own, lane, all = {}, {}, {}
  local my_lane = math.floor(tag / 16)
  for position = #log - kEntry + 1, 1, -kEntry do
    local time, entry_tag = struct.unpack('>I6B', log, position)
    if time <= now - keep then break end
    local entry_lane = math.floor(entry_tag / 16)
    if entry_tag == tag then own[#own + 1] = time end
    if entry_lane == my_lane then lane[#lane + 1] = time end
    if entry_lane ~= kReserved then all[#all + 1] = time end
  end
  return { own, lane, all }
end

-- How a rule stands: messages left after this one, when one leaves its window, when the rule would admit (0: now).
local function measure(times, window, count, now)
  local used = 0
  while times[used + 1] and times[used + 1] > now - window do used = used + 1 end
  local reset_at = (times[used] or now) + window
  if used < count then return count - used - 1, reset_at, 0 end
  return 0, reset_at, (times[count] or now) + window
end

local function reported_before(a, b)
  if a.retry_at ~= b.retry_at then return a.retry_at > b.retry_at end
  if a.remaining ~= b.remaining then return a.remaining < b.remaining end
  return a.reset_at > b.reset_at
end

-- The standing to report among all rules over one log.
local function judge(log, now)
  local times = times_by_scope(log, now)
  local worst
  for rule = 0, #rules / 9 - 1 do
    local scope, window, count = struct.unpack('>BI4I4', rules, rule * 9 + 1)
    local standing = { rule = rule }
    standing.remaining, standing.reset_at, standing.retry_at = measure(times[scope], window * 1000, count, now)
    if not worst or reported_before(standing, worst) then worst = standing end
  end
  return worst
end

local function charge(key, log, now)
  local from = 1
  while from <= #log and time_at(log, from) <= now - keep do from = from + kEntry end
  local entry = struct.pack('>I6B', now, tag) .. id
  redis.call('SET', key, string.sub(log, from) .. entry, 'PX', keep)
end

local function admit(clock)
  local logs, nows, refused, last_sent_at = {}, {}, {}, 0
  local worst
  for i, key in ipairs(KEYS) do
    logs[i] = redis.call('GET', key) or ''
    local newest = newest_time(logs[i])
    -- A promoted replica with a slower clock must not reopen a window.
    nows[i] = math.max(clock, newest)
    local standing = judge(logs[i], nows[i])
    if not worst or reported_before(standing, worst) then worst = standing end
    if standing.retry_at > 0 then
      refused[#refused + 1] = i - 1
      last_sent_at = math.max(last_sent_at, newest)
    end
  end
  if #refused == 0 then
    for i, key in ipairs(KEYS) do charge(key, logs[i], nows[i]) end
  end
  local answer = { worst.rule, worst.remaining, worst.reset_at, worst.retry_at, clock, last_sent_at }
  for _, index in ipairs(refused) do answer[#answer + 1] = index end
  return answer
end

-- Takes the newest entry of this request out of a log; 1 if there was one.
local function take_back(key, clock)
  local log = redis.call('GET', key) or ''
  local now = math.max(clock, newest_time(log))
  for position = #log - kEntry + 1, 1, -kEntry do
    if time_at(log, position) <= now - kRefundFor then break end
    if string.sub(log, position + 7, position + 10) == id then
      local rest = string.sub(log, 1, position - 1) .. string.sub(log, position + kEntry)
      if rest == '' then redis.call('DEL', key) else redis.call('SET', key, rest, 'KEEPTTL') end
      return 1
    end
  end
  return 0
end

local clock = read_clock()
if ARGV[1] == 'admit' then return admit(clock) end
local taken = 0
for _, key in ipairs(KEYS) do taken = taken + take_back(key, clock) end
return taken
