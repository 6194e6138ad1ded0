-- Puts results into the project: a new take in the item, or items on new tracks. Nothing that was there is changed
-- but the item's timebase, which is set to time so that later tempo edits leave the take where it was made.
-- The caller holds the undo block.

local part = ...
local jobs, files, lyrics = part("jobs"), part("files"), part("lyrics")

local placing = {}

local BUILD_PEAKS = 40047 -- "Peaks: Build any missing peaks"
local COPIED = { "D_VOL", "D_PAN", "D_PANLAW" }
local COPIED_WITH_FILE = { "D_PLAYRATE", "D_PITCH", "B_PPITCH", "I_PITCHMODE", "I_CHANMODE" }

-- What the ext data of a result tells about how it was made.
local function provenance(job, reply, name)
  return {
    job = job.id, key = job.key, action = job.action, name = name, seed = reply.seed, model = reply.model,
    caption = job.message.caption, start_bar = reply.start_bar, end_bar = reply.end_bar, sidecar = reply.sidecar,
    request = job.message,
  }
end

-- A file as a source. Raises a sentence where it is not there: REAPER would make an offline item of it.
local function load_file(path)
  local source = files.is_there(path) and reaper.PCM_Source_CreateFromFile(path)
  if not source then error("the result cannot be read: " .. path, 0) end
  return source
end

local function fill_take(take, path, name, told)
  reaper.SetMediaItemTake_Source(take, load_file(path))
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", name, true)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_EXT:barline", jobs.pack(told), true)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_EXT:barline_job", told.key, true)
end

-- ---------------------------------------------------------------- a take in the item

local function copy_values(names, from, to)
  for _, name in ipairs(names) do
    reaper.SetMediaItemTakeInfo_Value(to, name, reaper.GetMediaItemTakeInfo_Value(from, name))
  end
end

local function copy_effects(from, to)
  for index = 0, reaper.TakeFX_GetCount(from) - 1 do
    reaper.TakeFX_CopyToTake(from, index, to, reaper.TakeFX_GetCount(to), false)
  end
end

-- Where in the result's file the item begins now. The file began at the item's start of then when it was rendered;
-- the item may have been trimmed since.
local function start_offset(job, item, original)
  local offset = original and reaper.GetMediaItemTakeInfo_Value(original, "D_STARTOFFS")
  if not job.plan.render then
    return offset or reaper.GetMediaItemInfo_Value(item, "D_POSITION") - job.plan.origin / job.plan.rate
  end
  if offset then return (offset - job.was.offset) / job.was.rate end
  return reaper.GetMediaItemInfo_Value(item, "D_POSITION") - job.was.position
end

local function add_take(job, item, path, name, told)
  local original = jobs.take(item, job.take) or reaper.GetActiveTake(item)
  local take = reaper.AddTakeToMediaItem(item)
  fill_take(take, path, name, told)
  local offset = start_offset(job, item, jobs.take(item, job.take))
  if original then
    copy_values(COPIED, original, take)
    copy_effects(original, take)
    if not job.plan.render then copy_values(COPIED_WITH_FILE, original, take) end
  end
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset)
  reaper.SetMediaItemInfo_Value(item, "C_BEATATTACHMODE", 0)
  reaper.SetActiveTake(take)
  reaper.UpdateItemInProject(item)
  return take
end

-- ---------------------------------------------------------------- items on new tracks

-- Can a track be added to this project now? Older REAPERs add to the project that is shown only.
function placing.can_add_track(proj)
  return reaper.InsertTrackInProject ~= nil or reaper.EnumProjects(-1) == proj
end

-- A new track below `above` and `count` others that were added before; the last one without `above`.
local function add_track(proj, above, count, name)
  local index = reaper.CountTracks(proj)
  if above then index = math.floor(reaper.GetMediaTrackInfo_Value(above, "IP_TRACKNUMBER")) + count end
  if reaper.InsertTrackInProject then
    reaper.InsertTrackInProject(proj, index, 1)
  else
    reaper.InsertTrackAtIndex(index, true)
  end
  local track = reaper.GetTrack(proj, index)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", name, true)
  return track
end

-- `span`: { first, last } in samples at the reply's rate, from the project's start.
local function add_item(job, track, path, span, name, told)
  local item = reaper.AddMediaItemToTrack(track)
  local rate, shift = told.rate, job.plan and job.plan.shift or 0
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", math.max(0, span.first / rate + shift))
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", (span.last - span.first) / rate)
  reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", 0)
  reaper.SetMediaItemInfo_Value(item, "C_BEATATTACHMODE", 0)
  for _, fade in ipairs({ "D_FADEINLEN", "D_FADEOUTLEN" }) do reaper.SetMediaItemInfo_Value(item, fade, 0) end
  local take = reaper.AddTakeToMediaItem(item)
  fill_take(take, path, name, told)
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", 0)
  reaper.SetActiveTake(take)
  reaper.UpdateItemInProject(item)
  return take
end

-- ---------------------------------------------------------------- what a reply brings

-- The files of a reply: { path, name, first, last } each.
local function results_of(job, reply)
  local title = job.title
  local region = { first = reply.start_sample, last = reply.end_sample }
  if job.message.deliver == "full" and (reply.full or "") ~= "" then
    return { { path = reply.full, name = title, first = reply.full_start, whole = true } }
  end
  if not reply.stems then
    return { { path = reply.take, name = title, first = region.first, last = region.last } }
  end
  local found = {}
  for index, path in ipairs(reply.takes) do
    found[index] = { path = path, name = title .. " " .. reply.stems[index], first = region.first, last = region.last }
  end
  return found
end

local function seconds_of(path)
  local source = load_file(path)
  local seconds = reaper.GetMediaSourceLength(source)
  reaper.PCM_Source_Destroy(source)
  return seconds
end

-- What of a reply's files is not there, as a sentence; nil when all are.
function placing.missing(reply)
  local paths = table.move(reply.takes or {}, 1, #(reply.takes or {}), 1, {})
  for _, path in ipairs({ reply.take or "", reply.full or "", table.unpack(reply.files or {}) }) do
    if path ~= "" then paths[#paths + 1] = path end
  end
  for _, path in ipairs(paths) do
    if not files.is_there(path) then return "the result is not there: " .. path end
  end
end

-- Puts a done job's results into the project. Returns the take that holds the first of them. Raises a sentence.
function placing.put(proj, job, reply)
  local item = job.item and jobs.item(proj, job.item)
  local above = job.track and jobs.track(proj, job.track)
  local first
  for index, result in ipairs(results_of(job, reply)) do
    local told = provenance(job, reply, result.name)
    told.rate = reply.sample_rate
    local name = ("%s, seed %s"):format(result.name, reply.seed)
    local take
    if result.whole and item then
      take = add_take(job, item, result.path, name, told)
    else
      local last = result.last or result.first + math.floor(seconds_of(result.path) * told.rate + 0.5)
      local span = { first = result.first, last = last }
      take = add_item(job, add_track(proj, above, index - 1, result.name), result.path, span, name, told)
    end
    first = first or take
  end
  reaper.TrackList_AdjustWindows(false)
  reaper.UpdateArrange()
  reaper.Main_OnCommandEx(BUILD_PEAKS, 0, proj)
  return first
end

-- Puts an alignment's lyrics into the project as the user likes them. Returns how many lines. Raises a sentence.
function placing.put_lyrics(proj, job, reply, kind)
  local texts = {}
  for index, format in ipairs(reply.formats) do texts[format] = files.read(reply.files[index]) end
  if not texts.lrc then error("the lyrics are not there: " .. tostring(reply.files[1]), 0) end
  local item = job.item and jobs.item(proj, job.item)
  local above = job.track and jobs.track(proj, job.track)
  local place = {
    first = reply.start_sample / reply.sample_rate, last = reply.end_sample / reply.sample_rate,
    take = item and (jobs.take(item, job.take) or reaper.GetActiveTake(item)),
    make_track = function(name) return add_track(proj, above, 0, name) end, events = texts.reaper,
  }
  local count = lyrics.put(proj, kind, lyrics.parse(texts.lrc), place)
  reaper.UpdateArrange()
  return count
end

-- Does something to the project as one undo step. Returns true and what it returned, or false and the problem.
function placing.as_one_step(proj, name, change)
  reaper.Undo_BeginBlock2(proj)
  reaper.PreventUIRefresh(1)
  local results = table.pack(pcall(change))
  reaper.PreventUIRefresh(-1)
  reaper.Undo_EndBlock2(proj, "Barline: " .. name, -1)
  return table.unpack(results, 1, results.n)
end

return placing
