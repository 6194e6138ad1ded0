-- The stand-in's tracks, items, takes, sources and audio accessors.

local world, wave = ...

local media = {}
local calls = {}
media.calls = calls

local function at(list, index)
  return list[index + 1]
end

local function selected(list)
  local found = {}
  for _, object in ipairs(list) do
    if object.is_selected then found[#found + 1] = object end
  end
  return found
end

-- ---------------------------------------------------------------- tracks

function calls.CountTracks(proj) return #world.project(proj).state.tracks end
function calls.GetTrack(proj, index) return at(world.project(proj).state.tracks, index) end
function calls.CountSelectedTracks(proj) return #selected(world.project(proj).state.tracks) end
function calls.GetSelectedTrack(proj, index) return at(selected(world.project(proj).state.tracks), index) end
function calls.GetTrackGUID(track) return track.guid end

function calls.InsertTrackInProject(proj, index)
  local project = world.project(proj)
  world.new_track(project, math.min(index, #project.state.tracks) + 1)
end

function calls.InsertTrackAtIndex(index) calls.InsertTrackInProject(0, index) end

function calls.GetMediaTrackInfo_Value(track, name)
  if name ~= "IP_TRACKNUMBER" then error("track value " .. name .. " is not simulated", 2) end
  for index, other in ipairs(track.project.state.tracks) do
    if other == track then return index + 0.0 end
  end
end

local TRACK_TEXTS = { P_NAME = "name", P_RAZOREDITS = "razor" }
function calls.GetSetMediaTrackInfo_String(track, name, text, is_set)
  local field = TRACK_TEXTS[name] or error("track text " .. name .. " does not exist", 2)
  if is_set then track[field] = text end
  return true, track[field]
end

function calls.TrackList_AdjustWindows() end

function calls.SetTrackMIDILyrics(track, flag, text)
  if flag ~= 2 then error("SetTrackMIDILyrics: the flag is 2", 2) end
  track.lyrics = text
  return true
end

-- ---------------------------------------------------------------- items

function calls.CountMediaItems(proj) return #world.items(world.project(proj)) end
function calls.GetMediaItem(proj, index) return at(world.items(world.project(proj)), index) end
function calls.CountSelectedMediaItems(proj) return #selected(world.items(world.project(proj))) end
function calls.GetSelectedMediaItem(proj, index) return at(selected(world.items(world.project(proj))), index) end
function calls.IsMediaItemSelected(item) return item.is_selected end
function calls.CountTrackMediaItems(track) return #track.items end
function calls.GetTrackMediaItem(track, index) return at(track.items, index) end
function calls.GetMediaItem_Track(item) return item.track end
function calls.AddMediaItemToTrack(track) return world.new_item(track) end
function calls.UpdateItemInProject() end

function calls.CreateNewMIDIItemInProj(track, first, last)
  local item = world.new_item(track, first, last - first)
  world.new_take(item).is_midi = true
  return item
end

local function get_value(object, name)
  return object.values[name] or error("value " .. name .. " does not exist", 3)
end

local function set_value(object, name, value)
  get_value(object, name)
  object.values[name] = value
  return true
end

function calls.GetMediaItemInfo_Value(item, name) return get_value(item, name) end
function calls.SetMediaItemInfo_Value(item, name, value) return set_value(item, name, value) end
function calls.GetMediaItemTakeInfo_Value(take, name) return get_value(take, name) end
function calls.SetMediaItemTakeInfo_Value(take, name, value) return set_value(take, name, value) end

-- GUID, a plain text or P_EXT:name of an item or take.
local function text_of(object, texts, name, text, is_set)
  local key = name:match("^P_EXT:(.+)$")
  if key then
    if is_set then object.ext[key] = text end
    return object.ext[key] ~= nil, object.ext[key] or ""
  end
  local field = texts[name] or error("text " .. name .. " does not exist", 3)
  if is_set then object[field] = text end
  return true, object[field]
end

function calls.GetSetMediaItemInfo_String(item, name, text, is_set)
  return text_of(item, { GUID = "guid", P_NOTES = "notes" }, name, text, is_set)
end

function calls.GetSetMediaItemTakeInfo_String(take, name, text, is_set)
  return text_of(take, { GUID = "guid", P_NAME = "name" }, name, text, is_set)
end

-- ---------------------------------------------------------------- takes

function calls.CountTakes(item) return #item.takes end
function calls.GetTake(item, index) return at(item.takes, index) end
function calls.GetActiveTake(item) return item.takes[item.active] end
function calls.AddTakeToMediaItem(item) return world.new_take(item) end
function calls.TakeIsMIDI(take) return take.is_midi end
function calls.GetMediaItemTake_Item(take) return take.item end
function calls.GetMediaItemTake_Source(take) return take.source end
function calls.GetTakeNumStretchMarkers(take) return take.stretch_markers end
function calls.GetNumTakeMarkers(take) return #take.markers end
function calls.TakeFX_GetCount(take) return #take.effects end

function calls.SetActiveTake(take)
  for index, other in ipairs(take.item.takes) do
    if other == take then take.item.active = index end
  end
end

function calls.SetMediaItemTake_Source(take, source)
  take.source = source
  return true
end

function calls.SetTakeMarker(take, index, name, place)
  if index >= 0 then error("only new take markers are simulated", 2) end
  take.markers[#take.markers + 1] = { name = name, at = place }
  return #take.markers - 1
end

function calls.TakeFX_CopyToTake(from, index, to, place)
  table.insert(to.effects, place + 1, at(from.effects, index))
end

-- ---------------------------------------------------------------- sources

function calls.PCM_Source_CreateFromFile(path)
  local format = wave.format(path)
  return format and { kind = "source", path = path, format = format, type = "WAVE" }
end

function calls.PCM_Source_Destroy(source) source.dead = true end
function calls.GetMediaSourceFileName(source) return source.path end
function calls.GetMediaSourceLength(source) return source.format.frames / source.format.rate, false end
function calls.GetMediaSourceNumChannels(source) return source.format.channels end
function calls.GetMediaSourceSampleRate(source) return source.format.rate end
function calls.GetMediaSourceType(source) return source.type end

-- ---------------------------------------------------------------- audio

-- reaper.array: made once, read by blocks.
function calls.new_array(size)
  local values, array = {}, { kind = "array" }
  array.values = values
  array.clear = function() for index = 1, size do values[index] = 0.0 end end
  array.table = function(first, count)
    if first < 1 or first + count - 1 > size then error("array.table reaches past the array", 2) end
    return table.move(values, first, first + count - 1, 1, {})
  end
  array.get_alloc = function() return size end
  array.clear()
  return array
end

-- The file's samples; read once, however many takes play it.
local loaded = {}
local function samples_of(source)
  loaded[source.path] = loaded[source.path] or wave.samples(source.path, source.format)
  return loaded[source.path]
end

-- What a take plays at a time inside its item: rate and loop count, pitch does not.
local function take_sample(take, time, channel)
  local format, values = take.source.format, take.values
  local frame = math.floor((values.D_STARTOFFS + time * values.D_PLAYRATE) * format.rate + 0.5)
  if take.item.values.B_LOOPSRC ~= 0 then frame = frame % format.frames end
  if frame < 0 or frame >= format.frames then return 0.0 end
  return samples_of(take.source)[frame * format.channels + math.min(channel, format.channels)]
end

local function track_sample(track, time, channel)
  local sum = 0.0
  for _, item in ipairs(track.items) do
    local into = time - item.values.D_POSITION
    local take = item.takes[item.active]
    if take and take.source and into >= 0 and into < item.values.D_LENGTH then
      sum = sum + take_sample(take, into, channel)
    end
  end
  return sum
end

local function accessor(object, length, sample)
  return { kind = "accessor", object = object, length = length, sample = sample, changes = media.changes }
end

media.changes = 0
media.open_accessors = 0

function calls.CreateTakeAudioAccessor(take)
  media.open_accessors = media.open_accessors + 1
  return accessor(take, take.item.values.D_LENGTH, take_sample)
end

function calls.CreateTrackAudioAccessor(track)
  media.open_accessors = media.open_accessors + 1
  return accessor(track, math.huge, track_sample)
end

function calls.DestroyAudioAccessor(audio)
  media.open_accessors = media.open_accessors - 1
  audio.dead = true
end

function calls.GetAudioAccessorStartTime() return 0.0 end
function calls.GetAudioAccessorEndTime(audio) return audio.length end
function calls.AudioAccessorStateChanged(audio) return audio.changes ~= media.changes end

function calls.AudioAccessorValidateState(audio)
  local is_changed = audio.changes ~= media.changes
  audio.changes = media.changes
  return is_changed
end

function calls.GetAudioAccessorSamples(audio, rate, channels, time, frames, array)
  if audio.object.dead then error("the accessor's take or track is gone", 2) end
  if frames * channels > array.get_alloc() then error("the array is too small", 2) end
  for frame = 0, frames - 1 do
    for channel = 1, channels do
      array.values[frame * channels + channel] = audio.sample(audio.object, time + frame / rate, channel)
    end
  end
  return 1
end

return media
