-- The log of one counter: what was accepted, oldest first, and what a rule makes of it. log.cpp does the same.
--
-- A string of entries of 12 bytes: time in ms (6), tag: lane * 64 + category (1), messages (1), short request id (4).
-- An entry of a shared log joins the newest one if that is of its tag and of the same stretch of time.

local kEntry, kReserved, kApartFor = 12, 3, 600000

local kNobody = '\0\0\0\0' -- id of an entry that several requests are in

local byte, floor = string.byte, math.floor

-- Time, tag and messages of an entry. Not by struct.unpack, which reads its format anew each time.
local function entry_at(log, position)
  local a, b, c, d, e, f, entry_tag, messages = byte(log, position, position + 7)
  return ((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f, entry_tag, messages
end

local function time_at(log, position)
  return (struct.unpack('>I6', log, position))
end

local function newest_time(log)
  return #log < kEntry and 0 or time_at(log, #log - kEntry + 1)
end

-- Pairs of neighbours of a tag, the ones to merge first at the front: those charged a while ago before young ones, which
-- a refund may well come for; then by how much longer how many messages will count.
local function neighbours(log)
  local following, found = {}, {}
  local settled = newest_time(log) - kApartFor
  for position = #log - kEntry + 1, 1, -kEntry do
    local time, entry_tag, messages = entry_at(log, position)
    local newer = following[entry_tag]
    following[entry_tag] = { position = position, time = time, messages = messages }
    if newer and messages + newer.messages <= 255 then
      found[#found + 1] = { older = position, newer = newer.position, settled = newer.time <= settled,
                            cost = (newer.time - time) * messages, messages = messages + newer.messages }
    end
  end
  table.sort(found, function(a, b)
    if a.settled ~= b.settled then return a.settled end
    if a.cost ~= b.cost then return a.cost < b.cost end
    return a.older < b.older
  end)
  return found
end

-- A quarter of a full log goes at once, because finding the pairs costs more than merging them: two entries become one
-- at the newer time and with nobody's id, since neither of the requests can be taken back alone. Young ones only where
-- there are no others.
local function merge(log, most)
  local gone, grown, left = {}, {}, floor(most / 4)
  local found = neighbours(log)
  for _, pair in ipairs(found) do
    if left == 0 or pair.settled ~= found[1].settled then break end
    if not gone[pair.older] and not grown[pair.older] and not gone[pair.newer] then
      gone[pair.older], grown[pair.newer], left = true, pair, left - 1
    end
  end
  local entries = {}
  for position = 1, #log, kEntry do
    local pair = grown[position]
    if pair then
      entries[#entries + 1] = string.sub(log, position, position + 6) .. string.char(pair.messages) .. kNobody
    elseif not gone[position] then
      entries[#entries + 1] = string.sub(log, position, position + kEntry - 1)
    end
  end
  return table.concat(entries)
end

local function append(log, time, entry, keep, most, stretch)
  local from, last = 1, #log - kEntry + 1
  while from <= #log and time_at(log, from) <= time - keep do from = from + kEntry end
  if stretch > 0 and last >= from and byte(log, last + 6) == byte(entry, 7)
    and floor(time_at(log, last) / stretch) == floor(time / stretch) then
    local sum = byte(log, last + 7) + byte(entry, 8)
    if sum <= 255 then
      return string.sub(log, from, last - 1) .. string.sub(entry, 1, 7) .. string.char(sum) .. kNobody
    end
  end
  log = string.sub(log, from) .. entry
  if #log > most * kEntry then log = merge(log, most) end
  return log
end

-- What a log holds, of any tag and age: no rule can find more in it.
local function messages_in(log)
  local sum = 0
  for position = 8, #log, kEntry do sum = sum + byte(log, position) end
  return sum
end

-- The entries of one log that can matter, newest first; the same tables for one log after the other.
local times, tags, messages, size = {}, {}, {}, 0

local function parse_log(log, after)
  size = 0
  for position = #log - kEntry + 1, 1, -kEntry do
    local time, entry_tag, entry_messages = entry_at(log, position)
    if time <= after then break end
    size = size + 1
    times[size], tags[size], messages[size] = time, entry_tag, entry_messages
  end
end

-- The lowest and the highest tag that a rule of this span counts for a request of this tag.
local function counted_tags(span, tag)
  if span == 1 then return tag, tag end
  if span == 2 then return tag - tag % 64, tag - tag % 64 + 63 end
  return 0, kReserved * 64 - 1
end

-- How a rule with this much room stands over the parsed log: what remains of it, when a message leaves its window, when
-- the request would fit (0: now).
local function measure(span, tag, room, window, now)
  local used, oldest, in_the_way, after = 0, now, now, now - window
  local lowest, highest = counted_tags(span, tag)
  for i = 1, size do
    local time, entry_tag = times[i], tags[i]
    if time <= after then break end
    if entry_tag >= lowest and entry_tag <= highest then
      oldest = time
      local sum = used + messages[i]
      if used <= room and sum > room then in_the_way = time end
      used = sum
    end
  end
  if used <= room then return room - used, oldest + window, 0 end
  return 0, oldest + window, in_the_way + window
end
