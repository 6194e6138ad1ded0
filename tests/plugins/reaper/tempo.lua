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

local function stretch(markers, name, value)
  local found = markers[1]
  for _, marker in ipairs(markers) do
    if marker[name] <= value + 1e-12 then found = marker end
  end
  return found
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

-- Measures up to number `count` (from 0): { first, last (quarter notes), num, den }.
function tempo.measures(markers, count)
  local list, quarters, num, den = {}, 0.0, 4, 4
  while #list <= count do
    local cut
    for _, marker in ipairs(markers) do
      local is_signature = marker.num and marker.num > 0
      if is_signature and math.abs(marker.qn - quarters) < 1e-9 then num, den = marker.num, marker.den end
      if is_signature and not cut and marker.qn > quarters + 1e-9 then cut = marker.qn end
    end
    local last = quarters + num * 4 / den
    if cut and cut < last - 1e-9 then last = cut end
    list[#list + 1] = { first = quarters, last = last, num = num, den = den }
    quarters = last
  end
  return list
end

-- The number of the measure a quarter note lies in, and that measure.
function tempo.measure_of(markers, quarters)
  local count = 16
  while true do
    local list = tempo.measures(markers, count)
    if list[#list].last > quarters then
      for index, measure in ipairs(list) do
        if quarters < measure.last - 1e-9 then return index - 1, measure end
      end
    end
    count = count * 2
  end
end

return tempo
