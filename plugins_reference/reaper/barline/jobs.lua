-- Jobs that wait for the daemon, kept in the project so that they outlive the script, REAPER and the daemon.
--
-- A job is a table of plain values, stored as JSON under "job.KEY" in the project's ext state. Leases and delivered
-- keys lie in REAPER's own ext state: a lease says which running script looks after a job, in this REAPER only.

local part = ...
local json = part("json")

local jobs = {}

local SECTION = "barline"
local LEASE_S = 5.0
local REMEMBERED = 200

-- A project file has no line ends and not all three kinds of quotes in a value.
local function safe(text)
  return (text:gsub("[%%%c\"'`]", function(sign) return ("%%%02X"):format(sign:byte()) end))
end

local function unsafe(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- A value as text for ext data of project or take, and back (nil where it is not ours).
function jobs.pack(value)
  return safe(json.encode(value))
end

function jobs.unpack(text)
  local read, value = pcall(json.decode, unsafe(text))
  return read and type(value) == "table" and value or nil
end

-- Twelve hexadecimal digits that nobody else has.
function jobs.fresh_name()
  return reaper.genGuid(""):gsub("%X", ""):lower():sub(1, 12)
end

-- ---------------------------------------------------------------- in the project

function jobs.save(proj, job)
  reaper.SetProjExtState(proj, SECTION, "job." .. job.key, jobs.pack(job))
  reaper.MarkProjectDirty(proj)
end

function jobs.forget(proj, job)
  reaper.SetProjExtState(proj, SECTION, "job." .. job.key, "")
  reaper.MarkProjectDirty(proj)
end

-- Every job that the project knows of, the oldest first.
function jobs.all(proj)
  local found, index = {}, 0
  while true do
    local is_there, name = reaper.EnumProjExtState(proj, SECTION, index)
    if not is_there then break end
    local _, text = reaper.GetProjExtState(proj, SECTION, name) -- an enumeration cuts long values short
    local job = name:lower():find("^job%.") and jobs.unpack(text)
    if job and job.key then found[#found + 1] = job end
    index = index + 1
  end
  table.sort(found, function(one, other)
    if one.created ~= other.created then return one.created < other.created end
    return one.key < other.key
  end)
  return found
end

-- A name that the project keeps, to tell it from another one opened in its place.
function jobs.token(proj)
  local _, token = reaper.GetProjExtState(proj, SECTION, "token")
  if token == "" then
    token = jobs.fresh_name()
    reaper.SetProjExtState(proj, SECTION, "token", token)
  end
  return token
end

-- Is this still the project that had that token and that track?
function jobs.is_same_project(proj, token, track_guid)
  local _, now = reaper.GetProjExtState(proj, SECTION, "token")
  if now == token then return true end
  return now == "" and track_guid ~= nil and jobs.track(proj, track_guid) ~= nil
end

-- ---------------------------------------------------------------- in REAPER

function jobs.lease(job, owner)
  reaper.SetExtState(SECTION, "lease." .. job.key, ("%s %.3f"):format(owner, reaper.time_precise()), false)
end

function jobs.release(job)
  reaper.DeleteExtState(SECTION, "lease." .. job.key, false)
end

-- Does another script look after the job?
function jobs.is_leased(job, owner)
  local who, when = reaper.GetExtState(SECTION, "lease." .. job.key):match("^(%S+) (%S+)$")
  if not who or who == owner then return false end
  return math.abs(reaper.time_precise() - (tonumber(when) or 0)) < LEASE_S
end

-- Asks whoever looks after a job to give it up.
function jobs.ask_cancel(job)
  reaper.SetExtState(SECTION, "cancel." .. job.key, "1", false)
end

function jobs.is_cancel_asked(job)
  if not reaper.HasExtState(SECTION, "cancel." .. job.key) then return false end
  reaper.DeleteExtState(SECTION, "cancel." .. job.key, false)
  return true
end

local function delivered()
  local keys = {}
  for key in reaper.GetExtState(SECTION, "delivered"):gmatch("%S+") do keys[#keys + 1] = key end
  return keys
end

-- Undo may bring a job's record back: what was delivered once stays delivered.
function jobs.is_delivered(job)
  for _, key in ipairs(delivered()) do
    if key == job.key then return true end
  end
  return false
end

function jobs.mark_delivered(job)
  local keys = delivered()
  keys[#keys + 1] = job.key
  local first = math.max(1, #keys - REMEMBERED + 1)
  reaper.SetExtState(SECTION, "delivered", table.concat(keys, " ", first), true)
end

-- ---------------------------------------------------------------- what a job is about

function jobs.item_guid(item)
  local _, guid = reaper.GetSetMediaItemInfo_String(item, "GUID", "", false)
  return guid
end

function jobs.take_guid(take)
  local _, guid = reaper.GetSetMediaItemTakeInfo_String(take, "GUID", "", false)
  return guid
end

function jobs.track(proj, guid)
  for index = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, index)
    if reaper.GetTrackGUID(track) == guid then return track end
  end
end

function jobs.item(proj, guid)
  for index = 0, reaper.CountMediaItems(proj) - 1 do
    local item = reaper.GetMediaItem(proj, index)
    if jobs.item_guid(item) == guid then return item end
  end
end

-- A take by its GUID, as long as it still lies in that item.
function jobs.take(item, guid)
  for index = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetTake(item, index)
    if take and jobs.take_guid(take) == guid then return take end
  end
end

return jobs
