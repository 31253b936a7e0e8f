-- The limiter's counters in Redis: every operation on them, each atomic over all the keys it is given.
--
-- ARGV[1] operation; [2] a time in ms, only with keys under 'replay:' (empty: Redis' own clock decides); [3] '1': the
-- second half of KEYS are the same names under the secret before, and a value not yet under its new name is taken there
--
-- Runs behind log.lua, as one script with it. A state is blocked_until (6), attacked_since (6) and, once something was
-- refused, the number of the newest step (4) and refusals of the last sixty steps (60).
--
-- admit, check, refund   KEYS: the log of each counter, the states of the mailboxes (or none), equal content (or none)
--   ARGV[4] tag; [5] short id; [6] counters, 4 bytes each: number of its rule set, messages, flags (1 unconfirmed
--   mailbox, 2 charged only for those of them whose log is empty), number of the mailbox it belongs to or 0; [7] number
--   of states; [8] request id if there is a key of content; [9] its time in ms; [10] attack: ms of a step (6), steps to
--   enter (1), refusals to enter (4), to stay (4); [11] '1': refusals count; [12...] rule sets: keep in ms (6), most
--   entries of a log (1), stretch in ms (2), widest window in ms (6), rules of 10 bytes: span (1 same tag, 2 same lane,
--   3 all but reserved), flags (1 shadow, 2 only under attack, 4 challenge), window in s, messages
--   admit and check return {outcome (0 admitted, 1 coalesced, 2 denied, 3 blocked), counter (-1 none), rule, remaining,
--   reset at, retry at (0: admitted), clock, flags (1 half spent, 2 under attack), earlier id, refused counters or
--   blocked mailboxes, rules in shadow that refuse as (counter, rule), mailboxes newly attacked, recovered, newest
--   message of each counter if denied}; lists are packed, 2 bytes a number, 6 a time. refund returns what it took back.
-- read    all KEYS; returns {clock, value...}
-- block   KEYS: a state; ARGV[4] until (0: not); [10] as above
-- reset   KEYS: logs to forget and, last, a state that keeps only its block; [10] as above
-- seed    KEYS: a log; ARGV[4] entries to add by their ids; [5] keep; [6] most
-- ping    KEYS: a marker; ARGV[4] its value if it is not there; returns what changes when counters may be lost

local kSteps, kHour, kRuleSet = 60, 3600000, 15

local count = ARGV[3] == '1' and #KEYS / 2 or #KEYS
local tag = tonumber(ARGV[4]) or 0

local function read_clock()
  if ARGV[2] == '' then
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
  end
  for _, key in ipairs(KEYS) do
    if string.sub(key, 1, 7) ~= 'replay:' then error('a time may only be given for replay: keys') end
  end
  return tonumber(ARGV[2])
end

local clock = read_clock()
local values = redis.call('MGET', unpack(KEYS))

local function value(index)
  return values[index] or (count < #KEYS and values[index + count]) or ''
end

local function forget(index)
  redis.call('DEL', KEYS[index])
  if count < #KEYS then redis.call('DEL', KEYS[index + count]) end
end

local attack_step, enter_steps, enter_count, leave_count
if ARGV[10] then attack_step, enter_steps, enter_count, leave_count = struct.unpack('>I6BI4I4', ARGV[10]) end

local function parse_state(bytes)
  local state = { blocked = 0, since = 0, step = 0 }
  if #bytes >= 12 then state.blocked, state.since = struct.unpack('>I6I6', bytes) end
  if #bytes >= 16 + kSteps then
    state.step = struct.unpack('>I4', bytes, 13)
    state.cells = string.sub(bytes, 17, 16 + kSteps)
  end
  return state
end

local function save_state(index, state)
  local expires = state.blocked + kHour -- for a clock that is set back
  if state.cells then expires = math.max(expires, (state.step + kSteps) * attack_step + 24 * kHour) end
  if expires <= clock then return forget(index) end
  local bytes = struct.pack('>I6I6', state.blocked, state.since)
  if state.cells then bytes = bytes .. struct.pack('>I4', state.step) .. state.cells end
  redis.call('SET', KEYS[index], bytes, 'PX', expires - clock)
end

-- The number of the present step, held at the newest refusal should the clock run backward.
local function present_step(state)
  return math.max(math.floor(clock / attack_step), state.step)
end

local function refusals(state, steps)
  local sum, last = 0, present_step(state)
  for step = last, math.max(0, last - steps + 1), -1 do
    if state.cells and step <= state.step and step > state.step - kSteps then
      sum = sum + string.byte(state.cells, step % kSteps + 1)
    end
  end
  return sum
end

-- True if the mailbox came under attack by this refusal.
local function count_refusal(state)
  local last = present_step(state)
  local cells = { string.byte(state.cells or string.rep('\0', kSteps), 1, kSteps) }
  for step = math.max(state.step + 1, last - kSteps + 1), last do cells[step % kSteps + 1] = 0 end
  cells[last % kSteps + 1] = math.min(255, cells[last % kSteps + 1] + 1)
  state.step = last
  state.cells = string.char(unpack(cells))
  if state.since ~= 0 or refusals(state, enter_steps) < enter_count then return false end
  state.since = clock
  return true
end

local counters, states = {}, {}
local worst = { counter = -1, rule = 0, remaining = 0, reset_at = 0, retry_at = 0 }
local half_spent, attacked = false, false
local refused, shadow, newly_attacked, recovered = {}, {}, {}, {}

local function report(counter, rule, remaining, reset_at, retry_at)
  if worst.counter >= 0 then
    if retry_at < worst.retry_at then return end
    if retry_at == worst.retry_at and remaining > worst.remaining then return end
    if retry_at == worst.retry_at and remaining == worst.remaining and reset_at <= worst.reset_at then return end
  end
  worst.counter, worst.rule = counter, rule
  worst.remaining, worst.reset_at, worst.retry_at = remaining, reset_at, retry_at
end

local function read_plan()
  local novel = 0
  for i = 1, #ARGV[6] / 4 do
    local set, units, flags, mailbox = string.byte(ARGV[6], i * 4 - 3, i * 4)
    local counter = { rules = ARGV[11 + set], units = units, log = value(i), mailbox = mailbox }
    counter.keep, counter.most, counter.stretch, counter.widest = struct.unpack('>I6BI2I6', counter.rules)
    counter.newest = newest_time(counter.log)
    -- A promoted replica with a slower clock must not reopen a window.
    counter.now = math.max(clock, counter.newest)
    if flags % 2 == 1 and counter.newest <= clock - counter.keep then novel = novel + 1 end
    if flags >= 2 then counter.units = math.min(units, novel) end
    counters[i] = counter
  end
end

local function judge_states()
  local until_when = 0
  for i = 1, tonumber(ARGV[7]) do
    local state = parse_state(value(#counters + i))
    states[i] = state
    if state.since ~= 0 and refusals(state, kSteps) < leave_count then
      recovered[#recovered + 1] = i - 1
      state.since, state.changed = 0, true
    end
    attacked = attacked or state.since ~= 0
    if state.blocked > clock then
      refused[#refused + 1] = i - 1
      until_when = math.max(until_when, state.blocked)
    end
  end
  if until_when > 0 then worst.retry_at, worst.reset_at = until_when, until_when end
  return until_when > 0
end

-- Whether a rule may refuse, ask for a challenge or be the nearest to refusing, if its window holds no more than that
-- with the request. Spares reading a long log that is far from its limits.
local function may_matter(at_most, limit, flags)
  return worst.counter < 0 or at_most > limit or (flags >= 4 and at_most * 2 >= limit)
    or (worst.retry_at == 0 and limit - at_most <= worst.remaining)
end

local function judge_counter(index)
  local counter = counters[index]
  local rules, units, now = counter.rules, counter.units, counter.now
  local at_most, parsed, refuses = messages_in(counter.log) + units, false, false
  for number = 0, (#rules - kRuleSet) / 10 - 1 do
    local span, flags, window, limit = struct.unpack('>BBI4I4', rules, number * 10 + kRuleSet + 1)
    if (flags % 4 < 2 or states[index].since ~= 0) and may_matter(at_most, limit, flags) then
      if not parsed then parse_log(counter.log, now - counter.widest) end
      parsed = true
      local remaining, reset_at, retry_at = measure(span, tag, limit - units, window * 1000, now)
      if flags >= 4 and (retry_at ~= 0 or (limit - remaining) * 2 >= limit) then half_spent = true end
      if flags % 2 == 0 then
        refuses = refuses or retry_at ~= 0
        report(index - 1, number, remaining, reset_at, retry_at)
      elseif retry_at ~= 0 then
        shadow[#shadow + 1] = index - 1
        shadow[#shadow + 1] = number
      end
    end
  end
  if refuses then refused[#refused + 1] = index - 1 end
end

local function count_refusals()
  local counted = {}
  for _, index in ipairs(refused) do
    local mailbox = counters[index + 1].mailbox
    if mailbox > 0 and not counted[mailbox] then
      counted[mailbox] = true
      if count_refusal(states[mailbox]) then newly_attacked[#newly_attacked + 1] = mailbox - 1 end
      attacked = attacked or states[mailbox].since ~= 0
      states[mailbox].changed = true
    end
  end
end

local function charge()
  for i, counter in ipairs(counters) do
    if counter.units > 0 then
      local entry = struct.pack('>I6BB', counter.now, tag, counter.units) .. ARGV[5]
      local log = append(counter.log, counter.now, entry, counter.keep, counter.most, counter.stretch)
      redis.call('PSETEX', KEYS[i], counter.keep, log)
    end
  end
  if ARGV[8] ~= '' then
    redis.call('SET', KEYS[count], struct.pack('>I6', clock) .. ARGV[8], 'PX', ARGV[9])
  end
end

local function packed(numbers)
  for i, number in ipairs(numbers) do numbers[i] = struct.pack('>I2', number) end
  return table.concat(numbers)
end

local function answer(outcome, earlier_id)
  local newest = {}
  if outcome >= 2 then
    for i, counter in ipairs(counters) do newest[i] = struct.pack('>I6', counter.newest) end
  end
  local flags = (half_spent and 1 or 0) + (attacked and 2 or 0)
  return { outcome, worst.counter, worst.rule, worst.remaining, worst.reset_at, worst.retry_at, clock, flags,
           earlier_id, packed(refused), packed(shadow), packed(newly_attacked), packed(recovered),
           table.concat(newest) }
end

local function judge()
  if judge_states() then return 3, '' end
  local earlier = ARGV[8] ~= '' and value(count) or ''
  if #earlier > 6 and clock - time_at(earlier, 1) < tonumber(ARGV[9]) then return 1, string.sub(earlier, 7) end
  for i = 1, #counters do
    if counters[i].units > 0 then judge_counter(i) end
  end
  return #refused == 0 and 0 or 2, ''
end

local operation = ARGV[1]

if operation == 'admit' or operation == 'check' then
  read_plan()
  local outcome, earlier_id = judge()
  if operation == 'check' then return answer(outcome, earlier_id) end
  if outcome == 2 and ARGV[11] == '1' then count_refusals() end
  for i, state in ipairs(states) do
    if state.changed then save_state(#counters + i, state) end
  end
  if outcome == 0 then charge() end
  return answer(outcome, earlier_id)
end

if operation == 'refund' then
  -- Takes the messages of this request out of its newest entry, which may hold those of other recipients too.
  local function take_back(index)
    local log, units = value(index), string.byte(ARGV[6], index * 4 - 2)
    for position = #log - kEntry + 1, 1, -kEntry do
      if string.sub(log, position + 8, position + 11) == ARGV[5] then
        local left_over, kept = string.byte(log, position + 7) - units, ''
        if left_over > 0 then
          kept = string.sub(log, position, position + 6) .. string.char(left_over)
            .. string.sub(log, position + 8, position + 11)
        end
        local rest = string.sub(log, 1, position - 1) .. kept .. string.sub(log, position + kEntry)
        local left = redis.call('PTTL', values[index] and KEYS[index] or KEYS[index + count])
        if rest == '' then forget(index) else redis.call('SET', KEYS[index], rest, 'PX', math.max(1, left)) end
        return 1
      end
    end
    return 0
  end
  local taken = 0
  for i = 1, #ARGV[6] / 4 do taken = taken + take_back(i) end
  if ARGV[8] ~= '' and string.sub(value(count), 7) == ARGV[8] then forget(count) end
  return taken
end

if operation == 'read' then
  local found = { clock }
  for i = 1, count do found[i + 1] = value(i) end
  return found
end

if operation == 'block' then
  local state = parse_state(value(1))
  state.blocked = tonumber(ARGV[4])
  return save_state(1, state)
end

if operation == 'reset' then
  for i = 1, count - 1 do forget(i) end
  return save_state(count, { blocked = parse_state(value(count)).blocked, since = 0, step = 0 })
end

if operation == 'seed' then
  local log, keep, most = value(1), tonumber(ARGV[5]), tonumber(ARGV[6])
  local known, merged_until, entries = {}, {}, {}
  for position = 1, #log, kEntry do
    local id = string.sub(log, position + 8, position + 11)
    known[id] = true
    if id == kNobody then merged_until[byte(log, position + 6)] = time_at(log, position) end
    entries[#entries + 1] = { time_at(log, position), #entries, string.sub(log, position, position + kEntry - 1) }
  end
  for position = 1, #ARGV[4], kEntry do
    local time = math.min(clock, time_at(ARGV[4], position))
    local is_known = known[string.sub(ARGV[4], position + 8, position + 11)]
      or time_at(ARGV[4], position) <= (merged_until[byte(ARGV[4], position + 6)] or 0)
    if time > clock - keep and not is_known then
      local rest = string.sub(ARGV[4], position + 6, position + kEntry - 1)
      entries[#entries + 1] = { time, #entries, struct.pack('>I6', time) .. rest }
    end
  end
  if #entries == 0 then return 0 end
  table.sort(entries, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
  log = ''
  for _, entry in ipairs(entries) do log = append(log, entry[1], entry[3], keep, most, 0) end
  return redis.call('SET', KEYS[1], log, 'PX', math.max(1, newest_time(log) + keep - clock))
end

if operation == 'ping' then
  local memory = redis.call('INFO', 'memory')
  local policy = string.match(memory, 'maxmemory_policy:(%S+)')
  if string.match(memory, 'maxmemory:(%d+)') ~= '0' and policy ~= 'noeviction' then
    return redis.error_reply('keys may be evicted (maxmemory-policy ' .. policy .. '): set noeviction')
  end
  local marker = value(1) == '' and ARGV[4] or value(1)
  -- Written each time, because a Redis that takes no writes decides nothing. Kept for longer than any counter.
  redis.call('SET', KEYS[1], marker, 'PX', 192 * kHour)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  return (run or '') .. ' ' .. marker
end

return redis.error_reply('unknown operation of the limiter')
