-- What a reply does to its job: progress, the result's way into the project, or why there is none.
-- Functions take the session's own functions first, so that neither file needs the other to be loaded.

local part = ...
local jobs, placing, requests, settings = part("jobs"), part("placing"), part("requests"), part("settings")
local source = part("source")

local outcome = {}

local RETRY_S = 3.0
local SINGS = { repaint = true, cover = true, continue = true, generate = true, layer = true }

-- ---------------------------------------------------------------- the result

local function lyric_kind(job)
  return job.lyric_marks or settings.get("lyric_marks")
end

-- A job that finds out when the lyrics of a done one are sung, in the file that the take now plays.
local function follow_up(job, reply, take)
  local is_full = (reply.full or "") ~= "" and job.message.deliver == "full"
  local path = is_full and reply.full or reply.take
  local key = jobs.fresh_name()
  local message = requests.alignment(job.message, reply, path, is_full and reply.full_start or reply.start_sample)
  message.id = "r" .. key .. "-1"
  return {
    key = "r" .. key, id = message.id, tries = 1, action = "lyrics", title = "Lyrics", where = job.where,
    state = "send", created = os.time(), message = message, project = job.project, track = job.track,
    item = take and jobs.item_guid(reaper.GetMediaItemTake_Item(take)), take = take and jobs.take_guid(take),
    is_extra = true,
  }
end

local function wants_lyrics(job)
  local kind = lyric_kind(job)
  local is_meant = job.number == 1 or kind == "take" -- the project has one set of marks, every take its own
  return SINGS[job.action] and (job.message.lyrics or "") ~= "" and kind ~= "off" and is_meant
end

local function put(state, job)
  if job.action == "lyrics" then
    local kind = lyric_kind(job)
    return placing.put_lyrics(state.proj, job, job.reply, kind == "off" and "regions" or kind)
  end
  return placing.put(state.proj, job, job.reply)
end

local function tell_done(session, state, job)
  local warnings = table.concat(job.reply.warnings or {}, "; ")
  session.tell(state, job.title .. "  " .. job.where, warnings ~= "" and "done; " .. warnings or "done")
end

-- Puts a result into the project as one undo step, as soon as that can be.
function outcome.place(session, state, job, live)
  if not placing.can_add_track(state.proj) then
    live.note = "done; waits until its project is shown"
    return
  end
  local is_ok, result = false, placing.missing(job.reply)
  if not result then
    is_ok, result = placing.as_one_step(state.proj, job.title:lower() .. " " .. job.where, function()
      return put(state, job)
    end)
  end
  jobs.mark_delivered(job)
  session.drop(state, job)
  if not is_ok then return session.tell(state, job.title, tostring(result), true) end
  tell_done(session, state, job)
  if wants_lyrics(job) then session.add(state, follow_up(job, job.reply, result)) end
end

-- ---------------------------------------------------------------- failures

-- The same request again under a new id: the old one has ended.
local function renew(state, job)
  job.tries = job.tries + 1
  job.id = job.key .. "-" .. job.tries
  job.message.id = job.id
  jobs.save(state.proj, job)
end

local function again_later(_, state, job, reply)
  local live = state.live[job.key]
  renew(state, job)
  job.state, live.retry_at, live.note = "retry", reaper.time_precise() + RETRY_S, "later: " .. reply.text
  jobs.save(state.proj, job)
end

local function again_now(_, state, job)
  renew(state, job)
  job.state = "send"
  jobs.save(state.proj, job)
end

local function give_up(session, state, job, reply)
  local text = ("%s (%s)"):format(reply.text or "", reply.code or "internal")
  session.tell(state, job.title .. "  " .. job.where, text, not job.is_extra)
  session.drop(state, job)
end

-- The take's own file cannot be read there: it is rendered into the project's folder instead, once.
local function render_instead(session, state, job, reply)
  local item = job.item and jobs.item(state.proj, job.item)
  local take = item and jobs.take(item, job.take)
  if reply.field ~= "source" or not take or job.plan.render or not job.render_path then
    return give_up(session, state, job, reply)
  end
  local first, last = job.plan.first / job.plan.rate + job.plan.shift, job.plan.last / job.plan.rate + job.plan.shift
  local target = { track = reaper.GetMediaItem_Track(item), item = item, take = take, first = first, last = last }
  job.plan = source.plan_rendered(state.proj, target, "the daemon cannot read its file")
  job.path, job.project.sample_rate = job.render_path, job.plan.rate
  requests.locate(job.message, job.plan, job.path)
  renew(state, job)
  job.state = "render"
  jobs.save(state.proj, job)
end

-- A folder that the daemon may not write to: it uses its own.
local function own_folder(session, state, job, reply)
  if reply.field ~= "out" or not job.message.out then return render_instead(session, state, job, reply) end
  job.message.out = nil
  again_now(session, state, job)
end

local FAILURES = {
  ["not-ready"] = again_later,
  busy = again_later,
  ["unknown-project"] = again_now,
  ["not-allowed"] = own_folder,
  ["no-file"] = function(session, state, job, reply)
    local act = reply.field == "out" and own_folder or give_up -- what REAPER plays is not offline: see source.lua
    act(session, state, job, reply)
  end,
  ["no-audio"] = render_instead,
}

-- ---------------------------------------------------------------- replies

local REPLIES = {}

function REPLIES.accepted(_, state, job, reply)
  local live = state.live[job.key]
  live.note = reply.position == 0 and "accepted" or ("waiting behind %d"):format(reply.position)
end

function REPLIES.progress(_, state, job, reply)
  local live = state.live[job.key]
  live.note = ("%s %d of %d"):format(reply.stage, reply.step, reply.of)
  live.fraction = reply.of > 0 and reply.step / reply.of or nil
end

function REPLIES.done(_, state, job, reply)
  job.reply, job.state = reply, "place"
  jobs.save(state.proj, job)
end

function REPLIES.cancelled(session, state, job)
  session.tell(state, job.title .. "  " .. job.where, "cancelled")
  session.drop(state, job)
end

function REPLIES.fail(session, state, job, reply)
  local act = FAILURES[reply.code] or give_up
  act(session, state, job, reply)
end

-- A reply to the job itself.
function outcome.hear(session, state, job, reply)
  local act = REPLIES[reply.type]
  if act and job.state == "wait" then act(session, state, job, reply) end
end

-- A reply to a question about the job: its project, a fetch, a cancel.
function outcome.hear_aside(session, state, job, reply)
  if reply.type ~= "fail" or job.state ~= "wait" then return end
  if reply.code == "unknown-job" and state.live[job.key].is_cancelled then
    REPLIES.cancelled(session, state, job)
  elseif reply.code == "unknown-job" then
    job.state = "send" -- the daemon lost it, or never had it: the same id again is safe
    jobs.save(state.proj, job)
  elseif reply.command == "project" then
    give_up(session, state, job, reply)
  end
end

return outcome
