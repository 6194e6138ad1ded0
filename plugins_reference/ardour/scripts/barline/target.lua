-- What is selected: samples lo..hi of the session on one track, and where their sound is read from.
-- Everything is returned as plain numbers and ids: the hook, in a Lua of its own, finds the objects again.

local use = ...
local items = use "items"
local target = {}

local AROUND_S = 45 -- seconds of sound on each side that the model may want to hear

local function id_of (object) return object:to_stateful ():id ():to_s () end

target.id_of = id_of

-- The track whose playlist holds a region; nil for a region of the region list.
local function track_with (region)
  for _, route in ipairs (items (Session:get_tracks ())) do
    local track = route:to_track ()
    if not track:playlist ():region_by_id (region:to_stateful ():id ()):isnil () then return track end
  end
  return nil
end

local function first_selected_track (selection)
  for _, route in ipairs (items (selection.tracks:routelist ())) do
    local track = route:to_track ()
    if not track:isnil () and not track:to_audio_track ():isnil () then return track end
  end
  return nil
end

-- A region's first sample of its source file, in the session; the file's sample n lies at origin + n.
local function origin_of (region) return region:position ():samples () - region:start ():samples () end

local function window_of_region (region, lo, hi, around)
  local audio, origin = region:to_audioregion (), origin_of (region)
  local channels, whole = math.min (audio:n_channels (), 2), region:source (0):length ():samples ()
  local from = math.max (0, lo - around.before - origin)
  local to = math.min (whole, hi + around.after - origin)
  return {
    region = id_of (region), channels = channels, whole = whole,
    from = from, count = to - from, start = origin + from,
  }
end

-- What is heard of a track, through all its regions: for a range that no single region covers.
local function window_of_track (track, lo, hi, around)
  local from = math.max (0, lo - around.before)
  local channels = math.max (1, math.min (track:n_inputs ():n_audio (), 2))
  local count = hi + around.after - from
  return { track = id_of (track), channels = channels, from = from, count = count, start = from }
end

-- The region that is heard at a range's start if it covers the range, and where the range ends. (A range that
-- Ardour sets from a region ends with the region's last sample, not behind it.)
local function covering (track, lo, hi)
  local region = track:playlist ():top_unmuted_region_at (Temporal.timepos_t (lo))
  if region:isnil () or region:to_audioregion ():isnil () then return nil, hi end
  local past = region:position ():samples () + region:length ():samples ()
  if hi == past - 1 then hi = past end
  return hi <= past and region or nil, hi
end

local function chosen (track, region, lo, hi, ends_there)
  local around = math.floor (AROUND_S * Session:nominal_sample_rate ())
  around = { before = around, after = ends_there and 0 or around }
  local found = { track = id_of (track), name = region and region:name () or track:name (), lo = lo, hi = hi }
  if region then
    found.gain = region:to_audioregion ():scale_amplitude ()
    found.window = window_of_region (region, lo, hi, around)
  else
    found.window = window_of_track (track, lo, hi, around)
  end
  return found
end

-- The range that is selected on the selected track, else the selected region; nil and a sentence when
-- there is neither. ends_there: what comes after it is not to be heard, for it will be made.
function target.selected (ends_there)
  local selection = Editor:get_selection ()
  local lo, hi = selection.time:start_sample (), selection.time:end_sample ()
  local track = first_selected_track (selection)
  if lo < hi and track then
    local region, past = covering (track, lo, hi)
    return chosen (track, region, lo, past, ends_there)
  end
  for _, region in ipairs (items (selection.regions:regionlist ())) do
    local owner = track_with (region)
    if owner and not region:to_audioregion ():isnil () then
      lo = region:position ():samples ()
      return chosen (owner, region, lo, lo + region:length ():samples (), ends_there)
    end
  end
  return nil, "Select an audio region, or a range on an audio track."
end

-- Where something new may begin, and where it ends if that is selected too: a range, else the playhead.
function target.place ()
  local time = Editor:get_selection ().time
  if time:start_sample () < time:end_sample () then return time:start_sample (), time:end_sample () end
  return Session:transport_sample (), nil
end

return target
