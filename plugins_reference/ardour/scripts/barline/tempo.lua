-- The session's tempo map as the protocol's texts, exact: Ardour keeps every tempo as a whole number of
-- superclock ticks for a note, so each is sent as that fraction.
--
-- Ardour 7 tells a script the point that holds just before a place, not the list of points, nor what a ramp
-- ends in. So points are found by halving, and a ramp's end is read one tick before the next point.

local tempo = {}

local TICKS = Temporal.ticks_per_beat -- of a quarter note
local NEVER = TICKS * 200000 -- beyond any session
local PER_MINUTE = Temporal.superclock_ticks_per_second () * 60
local JUST_BEFORE = 19200000 -- a ramp that does not end in the next tempo ends so little of a beat before it

local function place (ticks) return Temporal.timepos_t.from_ticks (math.floor (ticks)) end

-- Ticks of Temporal.Beats, which tell themselves as "quarters:ticks".
local function ticks_of (beats)
  local quarters, ticks = beats:str ():match ("(-?%d+):(-?%d+)")
  return math.tointeger (quarters) * TICKS + math.tointeger (ticks)
end

-- The point that begins at or before a tick.
local function tempo_from (map, ticks) return map:tempo_at (place (ticks + 1)) end
local function meter_from (map, ticks) return map:meter_at (place (ticks + 1)) end

-- The ticks where the points begin that ticks_at (ticks) tells of, 0 first, as far as `last`.
local function starts (ticks_at, last)
  local found = { 0 }
  while true do
    local here = found[#found]
    local lo, hi = here, last
    if ticks_at (hi) == here then return found end
    while hi - lo > 1 do
      local middle = (lo + hi) // 2
      if ticks_at (middle) == here then lo = middle else hi = middle end
    end
    found[#found + 1] = hi
  end
end

local function common (a, b) while b ~= 0 do a, b = b, a % b end return a end

local function fraction (over, under)
  local shared = common (over, under)
  if under == shared then return ("%d"):format (over // shared) end
  return ("%d/%d"):format (over // shared, under // shared)
end

-- Whole superclock ticks of a note, from notes a minute.
local function clocks (per_minute) return math.floor (PER_MINUTE / per_minute + 0.5) end

-- Quarter notes a minute, exact, of a note of so many superclock ticks.
local function bpm_text (note_clocks, note_type) return fraction (PER_MINUTE * 4, note_clocks * note_type) end

-- Superclock ticks of a note where the ramp from `here` ends: the tempo moves linearly over beats.
local function ramp_end (map, here, from, to)
  local quarter = here.type / 4
  local first = PER_MINUTE / here.clocks
  local nearly = map:quarters_per_minute_at (place (to - 1)) * quarter
  return clocks (first + (nearly - first) * (to - from) / (to - from - 1))
end

local function tempo_points (map, last)
  local points = {}
  for _, ticks in ipairs (starts (function (at)
    return ticks_of (tempo_from (map, at):to_point ():beats ())
  end, last)) do
    local speed = tempo_from (map, ticks):to_tempo ()
    points[#points + 1] =
      { ticks = ticks, clocks = clocks (speed:note_types_per_minute ()), type = speed:note_type () }
  end
  return points
end

-- "0 120; 16 120 ramp; 32 90" for the map up to its last point.
function tempo.tempo_text (map)
  local points, parts = tempo_points (map, NEVER), {}
  for index, here in ipairs (points) do
    local beat, speed = fraction (here.ticks, TICKS), bpm_text (here.clocks, here.type)
    local follower = points[index + 1]
    local target = follower and follower.ticks - here.ticks > 1
      and ramp_end (map, here, here.ticks, follower.ticks) or here.clocks
    local is_ramp = math.abs (target - here.clocks) > here.clocks / 10000000
    parts[#parts + 1] = beat .. " " .. speed .. (is_ramp and " ramp" or "")
    -- superclock ticks of a quarter note, at the ramp's end and at the next point
    local reached = is_ramp and target * here.type / 4
    local wanted = follower and follower.clocks * follower.type / 4
    if reached and math.abs (reached - wanted) > wanted / 10000000 then
      local beats_before = follower.ticks * (JUST_BEFORE // TICKS) - 1
      parts[#parts + 1] = fraction (beats_before, JUST_BEFORE) .. " " .. bpm_text (target, here.type)
    end
  end
  return table.concat (parts, "; ")
end

-- "1 4/4; 9 7/8"
function tempo.meter_text (map)
  local parts = {}
  local function start (at) return ticks_of (meter_from (map, at):to_point ():beats ()) end
  for _, ticks in ipairs (starts (start, NEVER)) do
    local meter = meter_from (map, ticks)
    local bar = meter:to_point ():bbt ().bars
    parts[#parts + 1] = ("%d %d/%d"):format (bar, meter:divisions_per_bar (), meter:note_value ())
  end
  return table.concat (parts, "; ")
end

-- The sample so many bars after a sample, on the same beat and tick.
function tempo.bars_after (map, sample, bars)
  local at = map:bbt_at (Temporal.timepos_t (sample))
  local later = Temporal.BBT_TIME (at.bars + bars, at.beats, at.ticks)
  return map:sample_at_beats (map:quarters_at_bbt (later))
end

return tempo
