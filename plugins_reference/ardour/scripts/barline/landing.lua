-- Puts results into the session: regions on top of what was there or on new tracks, lyrics as markers. What
-- is heard is one step to undo, the last one; each marker is one before it: Ardour's editor makes them so.

local use = ...
local json, files, items = use "json", use "files", use "items"
local settings, target = use "settings", use "target"
local landing = {}

local function known_regions ()
  local known, all = {}, ARDOUR.RegionFactory.regions ()
  for id in all:iter () do known[id:to_s ()] = true end
  return known
end

-- A region with all of a file, copied into the session. Ardour's windows go on meanwhile.
local function import (path)
  assert (files.read (path), "the daemon's file is not there: " .. path)
  local known, list = known_regions (), C.StringVector ()
  list:push_back (path)
  Editor:do_import (list, Editing.ImportDistinctFiles, Editing.ImportAsRegion, ARDOUR.SrcQuality.SrcBest,
    ARDOUR.MidiTrackNameSource.SMFTrackName, ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore,
    Temporal.timepos_t (0), ARDOUR.PluginInfo (), ARDOUR.Track (), false)
  local all = ARDOUR.RegionFactory.regions ()
  for id, region in all:iter () do
    if not known[id:to_s ()] and not region:to_audioregion ():isnil () then return region end
  end
  error ("Ardour could not import " .. path)
end

-- Puts a copy of an imported region on top of a track, at its exact place; inside an open undo step.
local function put (track, imported, place)
  local region = ARDOUR.RegionFactory.clone_region (imported, true, false)
  region:set_name (place.name)
  -- a file at another rate than the session's may come out of the conversion a sample longer
  if region:length ():samples () > place.length then region:set_length (Temporal.timecnt_t (place.length)) end
  if place.gain and place.gain ~= 1 then region:to_audioregion ():set_scale_amplitude (place.gain) end
  local playlist = track:playlist ()
  playlist:to_stateful ():clear_changes ()
  playlist:add_region (region, Temporal.timepos_t (place.at), 1, false)
  Session:add_stateful_diff_command (playlist:to_statefuldestructible ())
  return target.id_of (region)
end

local function one_undo_step (name, work)
  Session:begin_reversible_command ("Barline: " .. name)
  local fine, why = pcall (work)
  if not Session:abort_empty_reversible_command () then Session:commit_reversible_command (nil) end
  if not fine then error (why, 0) end
end

-- A new audio track below another one, or below all. Ardour does not undo the making of tracks.
local function new_track (name, channels, below)
  local order = below and below:presentation_info_ptr ():order () + 1 or ARDOUR.PresentationInfo.max_order
  local made = Session:new_audio_track (channels, 2, nil, 1, name, order, ARDOUR.TrackMode.Normal, true)
  assert (made:size () == 1, "Ardour could not make a track")
  return made:front ():to_track ()
end

local function track_of (job)
  if not job.land.track then return nil end
  local route = Session:route_by_id (PBD.ID (job.land.track))
  return not route:isnil () and route:to_track () or nil
end

local function place_of (job, reply, name)
  return {
    at = reply.start_sample,
    length = reply.end_sample - reply.start_sample,
    name = ("%s %s"):format (job.name, name),
    gain = job.land.gain,
  }
end

-- The sung lines of a result, timed from the session's start; those of the first take.
local function timed_lines (reply)
  local names, paths = reply.formats or reply.lyric_names or {}, reply.files or reply.lyric_files or {}
  for index, name in ipairs (names) do
    if name == "json" or name == "1-json" then
      return json.read (assert (files.read (paths[index]), "the daemon's lyrics are not there")).lines
    end
  end
  return {}
end

-- By name and place: the id that Ardour tells of a location is no id (7.3).
local function marks ()
  local found = {}
  for _, location in ipairs (items (Session:locations ():list ())) do
    if location:is_mark () then found[location:name () .. "@" .. location:start ():samples ()] = location end
  end
  return found
end

local function mark (sample, name)
  local before = marks ()
  Editor:mouse_add_new_marker (Temporal.timepos_t (sample), ARDOUR.LocationFlags.IsMark, 0)
  for key, location in pairs (marks ()) do
    if not before[key] then return location:set_name (name) end
  end
  error ("Ardour made no marker")
end

-- Every line as a location marker. Ardour is kept from asking for names. Not inside an open undo step: the
-- editor's own would end it, and both would be lost.
local function mark_lines (lines)
  local looks = ArdourUI.config ()
  local asked = looks:get_name_new_markers ()
  looks:set_name_new_markers (false)
  local fine, why = pcall (function ()
    for _, line in ipairs (lines) do
      if not line.is_tag then mark (line.start_sample, line.text) end
    end
  end)
  looks:set_name_new_markers (asked)
  if not fine then error (why, 0) end
end

local function all_imported (reply)
  local regions = {}
  for index, path in ipairs (reply.takes or { reply.take }) do regions[index] = import (path) end
  return regions
end

-- Takes as regions on a track, the first on top, in one step; before it, what is sung as markers.
local function put_takes (job, reply, regions, track)
  local ids, seeds = {}, reply.seeds or { reply.seed }
  if settings.load ().markers then mark_lines (timed_lines (reply)) end
  one_undo_step (job.title, function ()
    for index = #regions, 1, -1 do
      local place = place_of (job, reply, ("%s %s"):format (job.title, seeds[index]))
      ids[index] = put (track, regions[index], place)
    end
  end)
  return ids
end

local function own_track (job, region)
  return new_track (job.land.name or job.title, region:to_audioregion ():n_channels (), track_of (job))
end

local HOW = {}

-- On the track it was made from, on top; what was there stays below, and is heard again once this is gone.
function HOW.on_top (job, reply)
  local regions = all_imported (reply)
  return put_takes (job, reply, regions, track_of (job) or own_track (job, regions[1]))
end

-- On a track of its own, below the one it was made from.
function HOW.new_track (job, reply)
  local regions = all_imported (reply)
  job.land.gain = nil -- the track's own fader is for that
  return put_takes (job, reply, regions, own_track (job, regions[1]))
end

-- Each on a track of its own, which bears the name of its class.
function HOW.stems (job, reply)
  local parts, ids = {}, {}
  for index, stem in ipairs (reply.stems) do
    if stem ~= "remainder" or job.land.remainder then
      parts[#parts + 1] = { stem = stem, region = import (reply.takes[index]) }
    end
  end
  local below = track_of (job)
  for _, part in ipairs (parts) do
    part.track = new_track (part.stem, part.region:to_audioregion ():n_channels (), below)
    below = part.track
  end
  one_undo_step (job.title, function ()
    for index, part in ipairs (parts) do
      ids[index] = put (part.track, part.region, place_of (job, reply, part.stem))
    end
  end)
  return ids
end

-- Every sung line as a location marker.
function HOW.markers (_, reply)
  mark_lines (timed_lines (reply))
  return {}
end

-- Puts a job's result in its place. Raises an error when it cannot.
function landing.land (job, reply)
  local ids = HOW[job.land.how] (job, reply)
  files.append (files.of_session ("takes.jsonl"), {
    id = job.id, action = job.title, from = job.name, regions = ids[1] and ids or json.list,
    request = job.message, tempo = job.project.tempo, meter = job.project.meter, reply = reply,
  })
end

return landing
