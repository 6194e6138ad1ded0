-- A tempo map as REAPER keeps it: markers in time, gradual changes linear in time, measures that a new signature
-- cuts short. Built from markers in quarter notes: { qn, bpm, num, den, ramp }; num and den are 0 where unchanged.

local tempo = {}

-- Seconds that `quarters` take at a tempo that goes from first to last over a stretch of `total` quarters.
local function seconds_into(first, last, total, quarters)
  if not last or first == last then return 60 * quarters / first end
  local length = 120 * total / (first + last) -- the mean tempo over time holds
  local slope = (last - first) / length
  return (math.sqrt(first * first + 120 * slope * quarters) - first) / slope
end

local function quarters_into(first, last, length, seconds)
  if not last or first == last then return first * seconds / 60 end
  return (first * seconds + (last - first) * seconds * seconds / (2 * length)) / 60
end

-- Adds `time` to every marker, and a stretch's `last` tempo where it is gradual.
function tempo.build(markers)
  local time = 0
  for index, marker in ipairs(markers) do
    local following = markers[index + 1]
    marker.time = time
    marker.last = marker.ramp and following and following.bpm or nil
    if following then
      marker.total = following.qn - marker.qn
      marker.length = seconds_into(marker.bpm, marker.last, marker.total, marker.total)
      time = time + marker.length
    end
  end
  return markers
end

-- The marker whose stretch a place lies in.
local function stretch(markers, name, value)
  local low, high = 1, #markers
  while low < high do
    local middle = (low + high + 1) // 2
    if markers[middle][name] <= value + 1e-12 then low = middle else high = middle - 1 end
  end
  return markers[low]
end

function tempo.to_quarters(markers, time)
  local marker = stretch(markers, "time", time)
  return marker.qn + quarters_into(marker.bpm, marker.last, marker.length, time - marker.time)
end

function tempo.to_time(markers, quarters)
  local marker = stretch(markers, "qn", quarters)
  return marker.time + seconds_into(marker.bpm, marker.last, marker.total, quarters - marker.qn)
end

-- The bpm at a time.
function tempo.at(markers, time)
  local marker = stretch(markers, "time", time)
  if not marker.last then return marker.bpm end
  return marker.bpm + (marker.last - marker.bpm) * (time - marker.time) / marker.length
end

-- Signatures in order: { qn, num, den }.
local function signatures_of(markers)
  local list = {}
  for _, marker in ipairs(markers) do
    if marker.num and marker.num > 0 then list[#list + 1] = marker end
  end
  return list
end

-- The measure behind the last one that is known. `known` holds them, the signatures and the next one's index.
local function extend(known)
  local last = known[#known]
  local first = last and last.last or 0.0
  local sign = known.signatures[known.next]
  if sign and sign.qn < first + 1e-9 then
    known.num, known.den, known.next = sign.num, sign.den, known.next + 1
    sign = known.signatures[known.next]
  end
  local stop = first + known.num * 4 / known.den
  if sign and sign.qn < stop - 1e-9 then stop = sign.qn end
  known[#known + 1] = { first = first, last = stop, num = known.num, den = known.den }
end

local function known_of(markers)
  markers.known = markers.known or { signatures = signatures_of(markers), next = 1, num = 4, den = 4 }
  return markers.known
end

-- Measures, at least up to number `count` (from 0): { first, last (quarter notes), num, den }.
function tempo.measures(markers, count)
  local known = known_of(markers)
  while #known <= count do extend(known) end
  return known
end

-- The number of the measure a quarter note lies in, and that measure.
function tempo.measure_of(markers, quarters)
  local known = known_of(markers)
  while #known == 0 or known[#known].last <= quarters + 1e-9 do extend(known) end
  local low, high = 1, #known
  while low < high do
    local middle = (low + high) // 2
    if quarters < known[middle].last - 1e-9 then high = middle else low = middle + 1 end
  end
  return low - 1, known[low]
end

return tempo
