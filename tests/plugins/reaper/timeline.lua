-- The stand-in's projects, tempo map, markers and undo.

local world, tempo = ...

local calls = {}

local ENUM_BYTES = 1023 -- an enumeration's buffer

local function state_of(proj)
  return world.project(proj).state
end

function calls.EnumProjects(index)
  local project = world.current
  if index >= 0 then project = world.projects[index + 1] end
  return project, project and project.path or ""
end

function calls.GetProjectPathEx(proj)
  local path = world.project(proj).path
  return path ~= "" and path:match("^(.*)/[^/]*$") or world.media_folder
end

local PROJECT_NUMBERS = {
  PROJECT_SRATE = function(project) return project.rate + 0.0 end,
  PROJECT_SRATE_USE = function(project) return project.use_rate and 1.0 or 0.0 end,
}
function calls.GetSetProjectInfo(proj, name, _, is_set)
  if is_set then error("project values are not set here", 2) end
  local read = PROJECT_NUMBERS[name] or error("project value " .. name .. " is not simulated", 2)
  return read(world.project(proj))
end

function calls.GetSetProjectNotes(proj, is_set, text)
  if is_set then state_of(proj).notes = text end
  return state_of(proj).notes
end

function calls.MarkProjectDirty(proj) world.project(proj).dirty = true end

local function is_in(list, object)
  for _, other in ipairs(list) do
    if other == object then return true end
  end
  return false
end

function calls.ValidatePtr(object, name) return calls.ValidatePtr2(0, object, name) end

local KINDS = { ["ReaProject*"] = "project", ["MediaTrack*"] = "track", ["MediaItem*"] = "item",
  ["MediaItem_Take*"] = "take", ["PCM_source*"] = "source" }
function calls.ValidatePtr2(_, object, name)
  local kind = KINDS[name] or error("pointer type " .. name .. " does not exist", 2)
  if type(object) ~= "table" or object.kind ~= kind or object.dead then return false end
  return kind ~= "project" or is_in(world.projects, object)
end

-- ---------------------------------------------------------------- ext data

function calls.SetProjExtState(proj, section, key, text)
  local ext = state_of(proj).ext
  ext[section] = ext[section] or {}
  if key == "" then ext[section] = nil elseif text == "" then ext[section][key] = nil else ext[section][key] = text end
  return 1
end

function calls.GetProjExtState(proj, section, key)
  local text = (state_of(proj).ext[section] or {})[key]
  return text and 1 or 0, text or ""
end

function calls.EnumProjExtState(proj, section, index)
  local keys = {}
  for key in pairs(state_of(proj).ext[section] or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  local key = keys[index + 1]
  if not key then return false end
  return true, key, state_of(proj).ext[section][key]:sub(1, ENUM_BYTES)
end

-- ---------------------------------------------------------------- undo

function calls.Undo_BeginBlock2(proj) world.begin_block(world.project(proj)) end
function calls.Undo_EndBlock2(proj, name) world.end_block(world.project(proj), name) end
function calls.Undo_DoUndo2(proj) return world.undo(world.project(proj)) end
function calls.Undo_DoRedo2(proj) return world.redo(world.project(proj)) end

function calls.Undo_CanUndo2(proj)
  local undo = world.project(proj).undo
  return undo[#undo] and undo[#undo].name
end

-- ---------------------------------------------------------------- time

local function signature_at(markers, time)
  local _, measure = tempo.measure_of(markers, tempo.to_quarters(markers, time))
  return measure
end

-- A marker's bpm as scripts see it: quarter notes, or the signature's own beats where the world says so.
local function shown_bpm(bpm, denominator)
  if world.shown_wrong then return 33.0 end -- a marker that does not say what is played
  return world.bpm_counts_beats and bpm * denominator / 4 or bpm
end

function calls.CountTempoTimeSigMarkers(proj)
  return state_of(proj).has_tempo_markers and #state_of(proj).tempo or 0
end

function calls.GetTempoTimeSigMarker(proj, index)
  local markers = state_of(proj).tempo
  local marker = markers[index + 1]
  if not marker then return false, 0.0, 0, 0.0, 0.0, 0, 0, false end
  local number, measure = tempo.measure_of(markers, marker.qn)
  local beat = (marker.qn - measure.first) * measure.den / 4
  return true, marker.time, number, beat, shown_bpm(marker.bpm, measure.den), marker.num or 0, marker.den or 0,
    marker.ramp or false
end

function calls.TimeMap2_timeToQN(proj, time) return tempo.to_quarters(state_of(proj).tempo, time) end
function calls.TimeMap2_QNToTime(proj, quarters) return tempo.to_time(state_of(proj).tempo, quarters) end

function calls.TimeMap2_timeToBeats(proj, time)
  local markers = state_of(proj).tempo
  local quarters = tempo.to_quarters(markers, time)
  local number, measure = tempo.measure_of(markers, quarters)
  return (quarters - measure.first) * measure.den / 4, number, measure.num, quarters * measure.den / 4, measure.den
end

function calls.TimeMap_GetMeasureInfo(proj, number)
  local markers = state_of(proj).tempo
  local measure = tempo.measures(markers, number)[number + 1]
  local time = tempo.to_time(markers, measure.first)
  return time, measure.first, measure.last, measure.num, measure.den, tempo.at(markers, time)
end

function calls.TimeMap_GetTimeSigAtTime(proj, time)
  local markers = state_of(proj).tempo
  local measure = signature_at(markers, time)
  return measure.num, measure.den, shown_bpm(tempo.at(markers, time), measure.den)
end

function calls.GetSet_LoopTimeRange2(proj, is_set)
  if is_set then error("scripts of ours do not move the time selection", 2) end
  return state_of(proj).time.first, state_of(proj).time.last
end

function calls.GetCursorPositionEx(proj) return state_of(proj).cursor end

function calls.format_timestr_pos(time, _, mode)
  if mode ~= 2 then error("only measures.beats are simulated", 2) end
  local markers = state_of(0).tempo
  local quarters = tempo.to_quarters(markers, time)
  local number, measure = tempo.measure_of(markers, quarters)
  local beat = (quarters - measure.first) * measure.den / 4
  return ("%d.%d.%02d"):format(number + 1, beat // 1 + 1, (beat % 1 * 100) // 1)
end

-- ---------------------------------------------------------------- markers

function calls.AddProjectMarker2(proj, is_region, first, last, name, _, color)
  local markers = state_of(proj).markers
  markers[#markers + 1] = { is_region = is_region, first = first, last = last, name = name, color = color }
  return #markers - 1
end

return calls
