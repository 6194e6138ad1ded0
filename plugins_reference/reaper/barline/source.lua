-- Which file the daemon reads for a target: the take's own, or one that is rendered first.
--
-- A plan holds what is exact whatever the file: { rate, origin, first, last, shift } where origin is the project
-- sample of the file's first sample, first and last bound the region, and shift is the rest of a sample by which
-- the audio really lies behind `origin`, in seconds (an item need not stand on a sample).

local part = ...
local files, grid, selection = part("files"), part("grid"), part("selection")

local source = {}

local CONTEXT_S = 30.0 -- of a track, around an area that is rendered
local READABLE = { wav = true, wave = true, bwf = true, w64 = true, rf64 = true, aif = true, aiff = true,
  flac = true, caf = true, au = true }

local function whole(number)
  return math.floor(number + 0.5)
end

local function value(take, name)
  return reaper.GetMediaItemTakeInfo_Value(take, name)
end

-- Why a take's file cannot be used as it is; nil when it can. is_end: nothing of it may follow the item.
local function obstacle(target, is_end)
  local take, item_source = target.take, reaper.GetMediaItemTake_Source(target.take)
  local seconds, is_beats = reaper.GetMediaSourceLength(item_source)
  local first, last = selection.item_span(target.item)
  local origin = first - value(take, "D_STARTOFFS")
  local rate, path = reaper.GetMediaSourceSampleRate(item_source), reaper.GetMediaSourceFileName(item_source)
  if is_beats or rate <= 0 then return "it is no audio file" end
  if not files.is_tellable(path) then return "its file name is not UTF-8" end
  if reaper.GetMediaSourceType(item_source) == "SECTION" then return "it is a section, or reversed" end
  if not READABLE[files.extension(path)] then return "its file type is not read" end
  if value(take, "D_PLAYRATE") ~= 1 or value(take, "D_PITCH") ~= 0 then return "its rate or pitch is changed" end
  if reaper.GetTakeNumStretchMarkers(take) > 0 then return "it has stretch markers" end
  if target.first < origin - 0.5 / rate or target.last > origin + seconds + 0.5 / rate then
    return "it is looped or reaches past its file"
  end
  if is_end and math.abs(origin + seconds - last) > 1 / rate then return "its file goes on behind it" end
end

-- The plan for a file whose first sample sounds at `origin` seconds and that has `frames` samples.
local function plan_for(target, origin, rate, frames)
  local zero = whole(origin * rate)
  return {
    rate = rate,
    origin = zero,
    shift = origin - zero / rate,
    first = math.max(zero, whole(target.first * rate)),
    last = math.min(zero + frames, whole(target.last * rate)),
  }
end

local function plan_direct(target)
  local item_source = reaper.GetMediaItemTake_Source(target.take)
  local rate = reaper.GetMediaSourceSampleRate(item_source)
  local origin = reaper.GetMediaItemInfo_Value(target.item, "D_POSITION") - value(target.take, "D_STARTOFFS")
  local plan = plan_for(target, origin, rate, whole(reaper.GetMediaSourceLength(item_source) * rate))
  plan.path = reaper.GetMediaSourceFileName(item_source)
  return plan
end

-- Channels of a take's render: its file's, two at most for anything that is not mono.
local function channels_of(take)
  return reaper.GetMediaSourceNumChannels(reaper.GetMediaItemTake_Source(take)) == 1 and 1 or 2
end

-- Where the last item of a track ends.
local function end_of(track)
  local last = 0
  for index = 0, reaper.CountTrackMediaItems(track) - 1 do
    local _, stop = selection.item_span(reaper.GetTrackMediaItem(track, index))
    last = math.max(last, stop)
  end
  return last
end

-- What is rendered: the whole item, or of a track the area with the music around it.
local function span_of(target, rate, is_end)
  if target.item then return selection.item_span(target.item) end
  local from = whole(math.max(0, target.first - CONTEXT_S) * rate) / rate
  if is_end then return from, target.last end
  return from, math.max(target.last, math.min(target.last + CONTEXT_S, end_of(target.track)))
end

local function plan_render(proj, target, why, is_end)
  local rate = grid.sample_rate(proj)
  local from, to = span_of(target, rate, is_end)
  local frames = whole((to - from) * rate)
  local plan = plan_for(target, from, rate, frames)
  local channels = target.item and channels_of(target.take) or 2
  plan.render = { from = from, frames = frames, channels = channels, why = why }
  return plan
end

-- The plan of a target. is_end: what follows it must not be heard (a continuation). Returns nil and why where
-- there is nothing to read.
function source.plan(proj, target, is_end)
  if not target.item then return plan_render(proj, target, "it is more than one item", is_end) end
  local path = reaper.GetMediaSourceFileName(reaper.GetMediaItemTake_Source(target.take))
  if path ~= "" and not files.is_there(path) then return nil, "the item's file is offline: " .. path end
  local why = obstacle(target, is_end)
  return why and plan_render(proj, target, why, is_end) or plan_direct(target)
end

-- The same for a target whose file the daemon could not read.
function source.plan_rendered(proj, target, why)
  return plan_render(proj, target, why)
end

-- The folder for renders and takes: Barline in the project's own media folder.
function source.folder(proj)
  local folder = files.join(reaper.GetProjectPathEx(proj), "Barline")
  return files.is_tellable(folder) and files.make_folder(folder) and folder or nil
end

return source
