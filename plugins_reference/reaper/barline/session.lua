-- One running script: its jobs, its mailbox, its window, and what happens in each tick. Nothing here waits.
--
--   render -> send -> wait -> place        retry: the daemon said "later"
--
-- The state is the job's own and stored with it, so another script may take over in any of them.

local part = ...
local mailbox, jobs, window = part("mailbox"), part("jobs"), part("window")
local outcome, render = part("outcome"), part("render")

local session = {}

local QUIET_S = 10.0 -- after which a waiting job is asked after
local QUIET_ADOPTED_S = 3.0
local LEASE_EVERY_S = 1.0
local LINGER_S = 3.0

local function now_s()
  return reaper.time_precise()
end

-- A session for a project; `proj` is REAPER's pointer to it.
function session.new(proj)
  local client = "reaper-" .. jobs.fresh_name()
  return { proj = proj, token = jobs.token(proj), client = client, box = mailbox.open(client), jobs = {}, live = {},
    view = window.new(), notes = {}, leased = -math.huge, ended = nil, is_over = false, asked = 0 }
end

-- Takes a job in. live: what of it lives only as long as this script.
function session.add(state, job, is_adopted)
  state.jobs[#state.jobs + 1] = job
  state.live[job.key] = { heard = is_adopted and -math.huge or now_s(), note = "", is_adopted = is_adopted }
  state.ended = nil
  jobs.lease(job, state.client)
  jobs.save(state.proj, job)
end

-- Takes in what an earlier script left behind in this project. Returns how many.
function session.adopt(state)
  local count = 0
  for _, job in ipairs(jobs.all(state.proj)) do
    if jobs.is_delivered(job) then
      jobs.forget(state.proj, job)
    elseif not state.live[job.key] and not jobs.is_leased(job, state.client) then
      session.add(state, job, true)
      count = count + 1
    end
  end
  return count
end

-- Tells the user something that stays until the window is closed (is_wrong) or for a few seconds.
function session.tell(state, title, note, is_wrong)
  state.notes[#state.notes + 1] = { title = title, note = note, is_wrong = is_wrong }
  if is_wrong and not state.view.is_open then window.open(state.view, #state.jobs + #state.notes) end
end

-- Ends the care for a job. keep: its record stays in the project for another script.
function session.drop(state, job, keep)
  local live = state.live[job.key]
  if live and live.rendering then render.close(live.rendering) end
  for index, other in ipairs(state.jobs) do
    if other == job then table.remove(state.jobs, index) end
  end
  state.live[job.key] = nil
  jobs.release(job)
  if not keep then jobs.forget(state.proj, job) end
end

-- An id for a request about a job, never used before.
local function aside_id(state, job, letter)
  state.asked = state.asked + 1
  return ("%s.%s%s-%d"):format(job.key, letter, state.client:sub(-12), state.asked)
end

-- Gives a job up: at once where the daemon does not know it, or when asked for the second time.
function session.cancel(state, job)
  local live = state.live[job.key]
  if job.state ~= "wait" or live.is_cancelled then
    session.tell(state, job.title, "given up")
    session.drop(state, job)
    return
  end
  live.is_cancelled, live.note = true, "stopping"
  mailbox.send(state.box, { type = "cancel", id = aside_id(state, job, "c"), job = job.id })
end

-- ---------------------------------------------------------------- one tick of one job

local STEPS = {}

local function begin_render(state, job)
  local work, plan = {}, job.plan.render
  local item = job.item and jobs.item(state.proj, job.item)
  work.take = item and jobs.take(item, job.take)
  work.track = not job.item and job.track and jobs.track(state.proj, job.track)
  if not (work.take or work.track) then return nil, "what was selected is no longer there" end
  work.from, work.frames, work.channels = plan.from, plan.frames, plan.channels
  return render.begin(work, job.plan.rate, job.path)
end

-- The accessor of a take or track that is gone must not be asked any more.
local function is_there(state, work)
  if work.take then return reaper.ValidatePtr2(state.proj, work.take, "MediaItem_Take*") end
  return reaper.ValidatePtr2(state.proj, work.track, "MediaTrack*")
end

function STEPS.render(state, job, live)
  local why
  if not live.rendering then
    live.rendering, why = begin_render(state, job)
  end
  local rendering, how = live.rendering, nil
  if rendering then
    if is_there(state, rendering.work) then
      how, why = render.step(rendering)
    else
      why = "what was selected is no longer there"
    end
  end
  if not how then
    session.tell(state, job.title, "could not be rendered: " .. tostring(why), true)
    return session.drop(state, job)
  end
  live.note, live.fraction = "rendering (" .. job.plan.render.why .. ")", render.fraction(rendering)
  if how == "done" then
    live.rendering, job.state = nil, "send"
    jobs.save(state.proj, job)
  end
end

function STEPS.send(state, job, live)
  local project = {}
  for name, value in pairs(job.project) do project[name] = value end
  project.id = aside_id(state, job, "p")
  mailbox.send(state.box, project)
  mailbox.send(state.box, job.message)
  job.state, live.heard, live.note = "wait", now_s(), "sent"
  jobs.save(state.proj, job)
end

function STEPS.wait(state, job, live)
  if now_s() - live.heard < (live.is_adopted and QUIET_ADOPTED_S or QUIET_S) then return end
  if #state.box.waiting > 0 then
    live.note = "waiting for the daemon: is Barline running?"
    return
  end
  if live.is_silent then live.note = "no answer from the daemon: is Barline running?" end
  live.heard, live.is_silent = now_s(), true
  mailbox.send(state.box, { type = "fetch", id = aside_id(state, job, "f"), job = job.id })
end

function STEPS.place(state, job, live)
  outcome.place(session, state, job, live)
end

function STEPS.retry(_, job, live)
  if now_s() >= (live.retry_at or 0) then job.state = "send" end
end

-- ---------------------------------------------------------------- one tick of all

local function route(state, message)
  if type(message.id) ~= "string" then return end
  for _, job in ipairs(state.jobs) do
    local live = state.live[job.key]
    if message.id == job.id then
      live.heard, live.is_silent = now_s(), false
      return outcome.hear(session, state, job, message)
    end
    if message.id:sub(1, #job.key + 1) == job.key .. "." then
      live.is_silent = false
      return outcome.hear_aside(session, state, job, message)
    end
  end
end

local function copy_of(list)
  return table.move(list, 1, #list, 1, {})
end

local function keep_leases(state)
  if now_s() - state.leased < LEASE_EVERY_S then return end
  state.leased = now_s()
  for _, job in ipairs(state.jobs) do jobs.lease(job, state.client) end
end

local function exchange(state)
  if mailbox.look(state.box, now_s()) then
    for _, job in ipairs(state.jobs) do state.live[job.key].heard = -math.huge end -- another daemon: ask again
  end
  local problem = mailbox.flush(state.box)
  if problem and not state.problem then session.tell(state, "Barline", problem, true) end
  state.problem = problem
  for _, message in ipairs(mailbox.poll(state.box, now_s())) do route(state, message) end
end

local function step_jobs(state)
  for _, job in ipairs(copy_of(state.jobs)) do
    if jobs.is_cancel_asked(job) then session.cancel(state, job) end
    local live = state.live[job.key]
    if live then STEPS[job.state](state, job, live) end
  end
end

local function show(state)
  local lines = {}
  for _, job in ipairs(state.jobs) do
    local live = state.live[job.key]
    lines[#lines + 1] = { title = job.title .. "  " .. job.where, note = live.note, fraction = live.fraction }
  end
  table.move(state.notes, 1, #state.notes, #lines + 1, lines)
  local row = window.show(state.view, lines, now_s())
  local job = row and state.jobs[row]
  if job then return session.cancel(state, job) end
  if row then table.remove(state.notes, row - #state.jobs) end
end

-- Is there nothing left to do or to read?
local function is_finished(state)
  if #state.jobs > 0 then return false end
  state.ended = state.ended or now_s()
  local is_wrong = false
  for _, note in ipairs(state.notes) do is_wrong = is_wrong or note.is_wrong end
  if not state.view.is_open then return true end
  return not is_wrong and now_s() - state.ended > LINGER_S
end

-- Leaves everything in order; what is not done stays in the project for the next script.
function session.close(state)
  if state.is_over then return end
  state.is_over = true
  for _, job in ipairs(copy_of(state.jobs)) do
    local live = state.live[job.key]
    if live.rendering then render.close(live.rendering) end
    jobs.release(job)
  end
  window.close(state.view)
end

-- Was the project closed, or another one opened in its place?
local function is_gone(state)
  if not reaper.ValidatePtr(state.proj, "ReaProject*") then return true end
  local job = state.jobs[1]
  return job ~= nil and not jobs.is_same_project(state.proj, state.token, job.track)
end

local function tick(state)
  if is_gone(state) then return session.close(state) end
  keep_leases(state)
  step_jobs(state)
  exchange(state)
  show(state)
  if is_finished(state) then return session.close(state) end
  reaper.defer(function() tick(state) end)
end

-- Runs until all is done; returns at once.
function session.run(state)
  if #state.jobs > 0 or #state.notes > 0 then window.open(state.view, #state.jobs + #state.notes) end
  reaper.atexit(function() session.close(state) end)
  tick(state)
end

return session
