-- The project's tempo and meter as the texts of docs/PROTOCOL.md, and its bars.
--
-- REAPER's gradual tempo changes are linear in time ("ramp-time"). What a marker's bpm counts (quarter notes, or
-- the signature's own beats) is not taken on trust: each stretch is compared with REAPER's own TimeMap2_timeToQN,
-- and a stretch that no reading explains is told as one point for each quarter note.

local grid = {}

local POINTS = 4096
local TIGHT = 1e-6 -- of a stretch's quarter notes
local DENOMINATORS = { 1, 2, 4, 8, 16, 32, 64 }
local FAR = 60.0 -- seconds behind the last marker by which its tempo is measured

local function number_text(number)
  return (("%.10f"):format(number):gsub(",", "."):gsub("0+$", ""):gsub("%.$", ""))
end

local function near(one, other, slack)
  return math.abs(one - other) <= slack
end

-- Quarter notes as whole ticks of 1/960 where they are that but for the last digits.
local function settle(quarters)
  local ticks = math.floor(quarters * 960 + 0.5)
  return near(quarters * 960, ticks, 1e-5) and ticks / 960 or quarters
end

local function markers_of(proj)
  local markers = {}
  for index = 0, reaper.CountTempoTimeSigMarkers(proj) - 1 do
    local ok, time, measure, _, bpm, _, _, is_ramp = reaper.GetTempoTimeSigMarker(proj, index)
    if ok then markers[#markers + 1] = { time = time, measure = measure, bpm = bpm, is_ramp = is_ramp } end
  end
  table.sort(markers, function(one, other) return one.time < other.time end)
  if not markers[1] or markers[1].time > 1e-9 then
    local _, _, bpm = reaper.TimeMap_GetTimeSigAtTime(proj, 0)
    table.insert(markers, 1, { time = 0.0, measure = 0, bpm = bpm, is_ramp = false })
  end
  return markers
end

local SHAPES = {
  { word = "", quarters = function(first, _, seconds) return first * seconds / 60 end },
  { word = " ramp-time", quarters = function(first, last, seconds) return (first + last) / 2 * seconds / 60 end },
  { word = " ramp", quarters = function(first, last, seconds)
    if near(first, last, 1e-9) then return first * seconds / 60 end
    return (last - first) / math.log(last / first) * seconds / 60
  end },
}
local RAMP_SHAPES, PLAIN_SHAPES = { SHAPES[2], SHAPES[3] }, { SHAPES[1] }

-- A marker's bpm in quarter notes if it counts them, or the signature's beats.
local function readings(proj, marker)
  local _, denominator = reaper.TimeMap_GetTimeSigAtTime(proj, marker.time + 1e-9)
  return { marker.bpm, marker.bpm * 4 / denominator, marker.bpm * denominator / 4 }
end

-- The tempo at a stretch's start and its shape that explain its quarter notes, or nothing.
local function explain(proj, marker, following, quarters)
  local seconds = (following and following.time or marker.time + FAR) - marker.time
  local shapes = marker.is_ramp and following and RAMP_SHAPES or PLAIN_SHAPES
  local firsts, lasts = readings(proj, marker), readings(proj, following or marker)
  for reading = 1, #firsts do
    for _, shape in ipairs(shapes) do
      local told = shape.quarters(firsts[reading], lasts[reading], seconds)
      if near(told, quarters, TIGHT * math.max(1, quarters)) then return firsts[reading], shape.word end
    end
  end
end

-- A stretch as REAPER plays it, one point for each quarter note.
local function sample_stretch(proj, first, last, points)
  local from = first
  while from < last - 1e-6 do
    local to = math.min(from + 1, last)
    local seconds = reaper.TimeMap2_QNToTime(proj, to) - reaper.TimeMap2_QNToTime(proj, from)
    points[#points + 1] = number_text(from) .. " " .. number_text(60 * (to - from) / seconds)
    from = to
  end
end

-- The tempo map: "0 120; 16 120 ramp-time; 32 90". Returns nil and why when it is too long.
function grid.tempo(proj)
  local markers, points = markers_of(proj), {}
  for index, marker in ipairs(markers) do
    local following = markers[index + 1]
    local first = settle(reaper.TimeMap2_timeToQN(proj, marker.time))
    local last = settle(reaper.TimeMap2_timeToQN(proj, following and following.time or marker.time + FAR))
    if last - first > 1e-9 then
      local bpm, shape = explain(proj, marker, following, last - first)
      if bpm then
        points[#points + 1] = number_text(first) .. " " .. number_text(bpm) .. shape
      else
        sample_stretch(proj, first, last, points)
      end
    end
  end
  if #points > POINTS then return nil, ("the tempo map has %d points, the most is %d"):format(#points, POINTS) end
  return table.concat(points, "; ")
end

-- ---------------------------------------------------------------- meter

-- Where a measure begins, in quarter notes, and its signature.
local function measure_info(proj, measure)
  local time, first, _, numerator, denominator = reaper.TimeMap_GetMeasureInfo(proj, measure)
  return { time = time, first = first, numerator = numerator, denominator = denominator }
end

-- A signature for a measure that a later marker cut short; also how much of it that leaves out.
local function signature_of(quarters)
  for _, denominator in ipairs(DENOMINATORS) do
    local numerator = math.floor(quarters * denominator / 4 + 0.5)
    if numerator >= 1 and numerator <= 64 and near(numerator * 4 / denominator, quarters, 1e-5) then
      return numerator, denominator, 0
    end
  end
  local numerator = math.max(1, math.min(64, math.floor(quarters * 16 + 0.5)))
  return numerator, 64, quarters - numerator / 16
end

-- Measures where the signature may change: each marker's own and the one before it.
local function candidates(proj)
  local listed, is_there = {}, {}
  for _, marker in ipairs(markers_of(proj)) do
    for measure = math.max(0, marker.measure - 1), marker.measure + 1 do
      if not is_there[measure] then
        is_there[measure] = true
        listed[#listed + 1] = measure
      end
    end
  end
  table.sort(listed)
  return listed
end

-- The meter map: "1 4/4; 9 7/8", bars counted from 1. Also what about it cannot be told exactly, "" for nothing.
function grid.meter(proj)
  local points, told, warning = {}, "", ""
  for _, measure in ipairs(candidates(proj)) do
    local info = measure_info(proj, measure)
    local quarters = measure_info(proj, measure + 1).first - info.first
    local numerator, denominator, left = info.numerator, info.denominator, 0
    if not near(quarters, numerator * 4 / denominator, 1e-5) then
      numerator, denominator, left = signature_of(quarters)
    end
    if left ~= 0 then
      warning = ("measure %d is cut after %s quarter notes, which no signature tells exactly"):format(
        measure + 1, number_text(quarters))
    end
    local signature = ("%d/%d"):format(numerator, denominator)
    if signature ~= told then points[#points + 1] = ("%d %s"):format(measure + 1, signature) end
    told = signature
  end
  return table.concat(points, "; "), warning
end

-- ---------------------------------------------------------------- bars

-- The time of the bar line `bars` whole bars behind a time; a begun bar is filled up first.
function grid.bars_behind(proj, time, bars)
  local into, measure = reaper.TimeMap2_timeToBeats(proj, time)
  local begun = into > 1e-4 and 1 or 0
  return measure_info(proj, measure + begun + bars).time
end

-- A time as the ruler shows it, with the project's own first measure.
function grid.ruler(time)
  return reaper.format_timestr_pos(time, "", 2)
end

-- The rate the project runs at, Hz: its own, else the audio device's.
function grid.sample_rate(proj)
  if reaper.GetSetProjectInfo(proj, "PROJECT_SRATE_USE", 0, false) ~= 0 then
    return math.floor(reaper.GetSetProjectInfo(proj, "PROJECT_SRATE", 0, false))
  end
  local is_open, rate = reaper.GetAudioDeviceInfo("SRATE")
  local known = is_open and math.tointeger(tonumber(rate))
  return known or math.floor(reaper.GetSetProjectInfo(proj, "PROJECT_SRATE", 0, false))
end

return grid
