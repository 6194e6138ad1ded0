-- The hook's work, a little at every tick of Ardour's timer (0.1 s): takes orders, writes their sound out,
-- sends them, takes replies in, lands results. Jobs are kept with the session, so closing it loses none.
--
--   ordered -> sent -> made -> gone

local use = ...
local json, files, dialogs, settings = use "json", use "files", use "dialogs", use "settings"
local mailbox, wave, landing, progress = use "mailbox", use "wave", use "landing", use "progress"
local hook = {}

local SLICE_S = 0.04 -- of a tick, for writing sound
local EVERY = { heartbeat = 80, look = 10 } -- ticks
local SETTLE = 40 -- ticks until a session that was opened is whole: an import before that crashes Ardour 7.3
local REST = 50 -- ticks after a fault
local busy, resting = false, 0
local desk = nil -- of the session that is open

local function keep ()
  if not desk.jobs[1] then return os.remove (files.of_session ("jobs.json")) end
  files.write (files.of_session ("jobs.json"), json.write (desk.jobs) .. "\n")
end

local function open_desk ()
  math.randomseed (os.time () + math.floor (os.clock () * 1000000))
  desk = { path = Session:path (), ticks = 0, writing = nil, box = nil, jobs = {} }
  local fine, jobs = pcall (json.read, files.read (files.of_session ("jobs.json")) or "[]")
  if fine then desk.jobs = jobs end
  for _, job in ipairs (desk.jobs) do job.shown = nil end
  progress.hide (nil)
end

local function sound_of (job) return ARDOUR.LuaAPI.build_filename (files.runtime (), job.id .. ".wav") end

local function show (job, text)
  if settings.load ().progress then progress.show (job, text) end
end

local function forget (job)
  if desk.writing and desk.writing.job == job then desk.writing = nil end
  if job.window then os.remove (sound_of (job)) end
  progress.hide (job)
  for index, other in ipairs (desk.jobs) do
    if other == job then table.remove (desk.jobs, index) end
  end
  keep ()
end

local function give_up (job, why)
  forget (job)
  dialogs.tell (("%s: %s"):format (job.title, why), true)
end

-- --- orders

local function cancel_all ()
  for index = #desk.jobs, 1, -1 do
    local job = desk.jobs[index]
    if job.state == "sent" and desk.box then
      desk.box:send { type = "cancel", id = job.id .. "-cancel", job = job.id }
    elseif job.state ~= "made" then
      forget (job)
      files.log (job.title .. ": cancelled")
    end
  end
end

local function take_orders ()
  local path = files.of_session ("orders.jsonl")
  if not files.read (path) then return end
  local orders = files.lines (path)
  os.remove (path)
  for _, order in ipairs (orders) do
    if order.cancel then
      cancel_all ()
    else
      order.state = "ordered"
      desk.jobs[#desk.jobs + 1] = order
    end
  end
  keep ()
end

-- --- to the daemon

local function send (job)
  local message = job.message
  if job.window then
    message.source, message.source_start = sound_of (job), { samples = job.window.start }
  end
  desk.box:send (job.project)
  desk.box:send (message)
  job.state = "sent"
  keep ()
  show (job, "waiting")
end

-- A box at the daemon that runs now. Another daemon is sent all jobs again: it knows them by their ids.
local function connect ()
  if desk.box and not desk.box:is_stale () then return end
  local facts = mailbox.daemon ()
  desk.box = facts and mailbox.open (facts)
  for _, job in ipairs (desk.jobs) do
    if job.state == "sent" and desk.box then send (job) end
    if job.state == "sent" and not desk.box then show (job, "no daemon") end
  end
end

local function write_sound (job)
  if not desk.writing then desk.writing = { job = job, file = wave.begin (sound_of (job), job.window) } end
  if desk.writing.job ~= job then return false end
  local is_whole = wave.go_on (desk.writing.file, SLICE_S)
  if is_whole then desk.writing = nil end
  return is_whole
end

local function go_on_with_orders ()
  for _, job in ipairs (desk.jobs) do
    if job.state == "ordered" then
      local fine, is_ready = true, true
      if job.window then fine, is_ready = pcall (write_sound, job) end
      if not fine then
        desk.writing = nil
        return give_up (job, is_ready)
      end
      if is_ready and desk.box then send (job) end
      return
    end
  end
end

-- --- from the daemon

local HEAR = {}

function HEAR.accepted (job, reply) show (job, ("%d ahead"):format (reply.position)) end

function HEAR.progress (job, reply) show (job, ("%s %d/%d"):format (reply.stage, reply.step, reply.of)) end

function HEAR.cancelled (job)
  forget (job)
  files.log (job.title .. ": cancelled")
end

function HEAR.fail (job, reply) give_up (job, reply.text) end

function HEAR.done (job, reply)
  job.state, job.reply = "made", reply
  keep ()
end

local function job_of (id)
  for _, job in ipairs (desk.jobs) do
    if job.state == "sent" and (id == job.id or id == job.project.id) then return job end
  end
  return nil
end

local function hear ()
  for _, reply in ipairs (desk.box:receive ()) do
    local job = job_of (reply.id)
    local is_for_grid = job and reply.id == job.project.id and reply.type ~= "fail"
    if job and HEAR[reply.type] and not is_for_grid then HEAR[reply.type] (job, reply) end
  end
end

-- What is made waits while Ardour records.
local function land ()
  if Session:actively_recording () then return end
  for _, job in ipairs (desk.jobs) do
    if job.state == "made" then
      progress.hide (job)
      local fine, why = pcall (landing.land, job, job.reply)
      if not fine then return give_up (job, tostring (why)) end
      forget (job)
      local warnings = table.concat (job.reply.warnings or {}, "; ")
      return files.log (("%s: landed %s"):format (job.title, warnings))
    end
  end
end

-- --- the timer

local function work ()
  if not desk or desk.path ~= Session:path () then open_desk () end
  if desk.ticks % EVERY.heartbeat == 0 then files.write (files.of_session ("hook"), tostring (os.time ())) end
  if desk.ticks % EVERY.look == 0 and desk.jobs[1] then connect () end
  desk.ticks = desk.ticks + 1
  take_orders ()
  if not desk.jobs[1] or desk.ticks < SETTLE then return end
  if not desk.box then connect () end
  go_on_with_orders ()
  if desk.box then hear () end
  land ()
end

-- One tick. Never raises an error: Ardour would drop the hook. An import lets the timer run on: not twice.
function hook.tick ()
  resting = math.max (0, resting - 1)
  if busy or resting > 0 then return end
  busy = true
  local fine, why = pcall (work)
  busy = false
  if fine then return end
  resting = REST
  if desk then desk.box = nil end
  files.log ("fault: " .. tostring (why))
end

return hook
