-- What the user means: razor areas, else selected items, else the time selection on the selected tracks.
--
-- A target is { track, first, last } in project seconds, with { item, take } where one audio item alone is meant;
-- without them it is whatever the track plays there.

local selection = {}

local EPSILON = 1e-9

local function item_span(item)
  local first = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  return first, first + reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
end
selection.item_span = item_span

-- The audio take that an item plays, or nil.
local function audio_take(item)
  local take = reaper.GetActiveTake(item)
  if take and not reaper.TakeIsMIDI(take) and reaper.GetMediaItemTake_Source(take) then return take end
end

-- The time selection; nil when it is empty.
function selection.time(proj)
  local first, last = reaper.GetSet_LoopTimeRange2(proj, false, false, 0, 0, false)
  if last - first > EPSILON then return { first = first, last = last } end
end

-- Media razor areas of a track; those of its envelopes carry a GUID and are passed over.
local function razor_areas(track)
  local areas = {}
  local _, text = reaper.GetSetMediaTrackInfo_String(track, "P_RAZOREDITS", "", false)
  for first, last, guid in text:gmatch('(%S+) (%S+) "([^"]*)"') do
    if guid == "" then areas[#areas + 1] = { first = tonumber(first), last = tonumber(last) } end
  end
  return areas
end

local function audio_items(track, area)
  local found = {}
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, index)
    local first, last = item_span(item)
    if first < area.last - EPSILON and last > area.first + EPSILON and audio_take(item) then
      found[#found + 1] = item
    end
  end
  return found
end

-- An item's part inside an area; nil where there is none.
local function clip(track, item, area)
  local first, last = item_span(item)
  first, last = math.max(first, area.first), math.min(last, area.last)
  if last - first > EPSILON then
    return { track = track, item = item, take = audio_take(item), first = first, last = last }
  end
end

-- An area of a track: its one item there, or all of them together.
local function on_track(track, area)
  local items = audio_items(track, area)
  if #items == 1 then return clip(track, items[1], area) end
  if #items > 1 then return { track = track, first = area.first, last = area.last } end
end

local function from_razor(proj)
  local targets, is_any = {}, false
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    for _, area in ipairs(razor_areas(track)) do
      is_any = true
      targets[#targets + 1] = on_track(track, area)
    end
  end
  return is_any and targets
end

local function from_items(proj, time)
  local targets, count = {}, reaper.CountSelectedMediaItems(proj)
  for index = 0, count - 1 do
    local item = reaper.GetSelectedMediaItem(proj, index)
    if audio_take(item) then
      local everywhere = { first = -math.huge, last = math.huge }
      targets[#targets + 1] = clip(reaper.GetMediaItem_Track(item), item, time or everywhere)
    end
  end
  return count > 0 and targets
end

local function from_tracks(proj, time)
  local targets = {}
  for index = 0, reaper.CountSelectedTracks(proj) - 1 do
    targets[#targets + 1] = on_track(reaper.GetSelectedTrack(proj, index), time)
  end
  return targets
end

local NOTHING = {
  razor = "there is no audio in the razor areas",
  items = "the selected items hold no audio, or none inside the time selection",
  tracks = "the selected tracks have no audio inside the time selection",
  none = "select an item, a razor area, or a time on a selected track",
}

-- The targets of an action on audio. Returns nil and a sentence where there are none.
function selection.targets(proj)
  local time = selection.time(proj)
  local found, kind = from_razor(proj), "razor"
  if not found then found, kind = from_items(proj, time), "items" end
  if not found and time then found, kind = from_tracks(proj, time), "tracks" end
  if not found then return nil, NOTHING.none end
  if #found == 0 then return nil, NOTHING[kind] end
  return found
end

-- Where something new belongs: a razor area, else the time selection, else the cursor (then without `last`).
function selection.place(proj)
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    local area = razor_areas(track)[1]
    if area then return { track = track, first = area.first, last = area.last } end
  end
  local time, track = selection.time(proj), reaper.GetSelectedTrack(proj, 0)
  if time then return { track = track, first = time.first, last = time.last } end
  return { track = track, first = reaper.GetCursorPositionEx(proj) }
end

return selection
