-- What each action script does, from the key to the running session.

local part = ...
local settings, selection, source, requests = part("settings"), part("selection"), part("source"), part("requests")
local session, jobs, grid, lyrics, files = part("session"), part("jobs"), part("grid"), part("lyrics"), part("files")

local actions = {}

local RELAUNCH = 3 -- of a running action: the old script ends, the new one takes over its jobs

-- ---------------------------------------------------------------- jobs of an action

-- What every job of one run shares: project, client, grid, answers, folder.
local function order_for(proj, action, answers, client)
  local tempo, why = grid.tempo(proj)
  if not tempo then return nil, why end
  local meter, warning = grid.meter(proj)
  return { proj = proj, action = action, answers = answers, name = client, folder = source.folder(proj),
    map = { tempo = tempo, meter = meter }, warning = warning }
end

local function new_job(order, message, where)
  local key = "r" .. jobs.fresh_name()
  message.id, message.project, message.out = key .. "-1", order.name, order.folder
  return { key = key, id = message.id, tries = 1, action = order.action, where = where, state = "send",
    title = requests.ACTIONS[order.action].title, created = os.time(), message = message }
end

-- Seeds follow each other when they were chosen; -1 stays -1, and each take gets its own.
local function take_answers(answers, index)
  local own = {}
  for name, text in pairs(answers) do own[name] = text end
  local seed = math.tointeger(tonumber(answers.seed or "-1"))
  if seed >= 0 then own.seed = ("%d"):format((seed + index - 1) % 4294967296) end
  if answers.seed == nil then own.seed = nil end
  return own
end

local function where_of(target)
  return target.last and grid.ruler(target.first) .. " - " .. grid.ruler(target.last) or grid.ruler(target.first)
end

-- How the item stood when the file was rendered: so its place is found again when it was trimmed meanwhile.
local function note_item(job, target)
  job.item, job.take = jobs.item_guid(target.item), jobs.take_guid(target.take)
  job.was = {
    position = reaper.GetMediaItemInfo_Value(target.item, "D_POSITION"),
    offset = reaper.GetMediaItemTakeInfo_Value(target.take, "D_STARTOFFS"),
    rate = reaper.GetMediaItemTakeInfo_Value(target.take, "D_PLAYRATE"),
  }
end

local function audio_job(order, target, answers)
  local works = requests.ACTIONS[order.action].works
  if not target.item then answers.result = "track" end
  local plan, why = source.plan(order.proj, target, works == "end")
  if not plan then return nil, why end
  local message = requests.message(order.action, answers)
  local job = new_job(order, message, where_of(target))
  if works == "end" then
    plan.first = plan.last
    local first, last = target.last, grid.bars_behind(order.proj, target.last, math.tointeger(tonumber(answers.bars)))
    plan.last, job.where = math.floor(last * plan.rate + 0.5), where_of({ first = first, last = last })
  end
  job.render_path = order.folder and files.join(order.folder, job.key .. " source.wav")
  job.plan, job.track = plan, reaper.GetTrackGUID(target.track)
  job.path = plan.path or job.render_path
  if not job.path then return nil, "the project's media folder cannot be written to" end
  if plan.render then job.state = "render" end
  if target.item then note_item(job, target) end
  requests.locate(message, plan, job.path)
  job.project = requests.project(order.name, order.map, plan.rate)
  return job
end

local function place_job(order, place, answers)
  local rate = grid.sample_rate(order.proj)
  local message = requests.message(order.action, answers)
  message.start = { samples = math.floor(place.first * rate + 0.5) }
  if place.last then
    message["end"] = { samples = math.floor(place.last * rate + 0.5) }
  else
    message.length = { bars = math.tointeger(tonumber(answers.bars)) }
  end
  local job = new_job(order, message, where_of(place))
  job.track = place.track and reaper.GetTrackGUID(place.track)
  job.project = requests.project(order.name, order.map, rate)
  return job
end

-- One job for each target and take. Returns nil and why where one cannot be.
local function make_jobs(order, targets)
  local made, make = {}, requests.ACTIONS[order.action].works == "place" and place_job or audio_job
  for _, target in ipairs(targets) do
    for index = 1, math.tointeger(tonumber(order.answers.takes or "1")) do
      local job, why = make(order, target, take_answers(order.answers, index))
      if not job then return nil, why end
      job.number = index
      made[#made + 1] = job
    end
  end
  return made
end

-- ---------------------------------------------------------------- running

local function find_targets(proj, works)
  if works == "place" then return { selection.place(proj) } end
  local targets, why = selection.targets(proj)
  if targets and works == "end" then
    for _, target in ipairs(targets) do -- what follows an item follows all of it
      if target.item then target.first, target.last = selection.item_span(target.item) end
    end
  end
  return targets, why
end

local function answers_for(proj, action, targets)
  local spec = requests.ACTIONS[action]
  local answers, wrong = settings.ask("Barline: " .. spec.title, spec.ask, action)
  if not answers then return nil, wrong end
  answers.result = settings.get("result")
  if answers.lyrics then answers.lyrics = lyrics.text(proj, answers.lyrics, targets[1] and targets[1].item) end
  return answers
end

-- Jobs of an action as the user wants them; nil and why, or nil alone where the user gave up.
local function plan_action(proj, action, client)
  local targets, why = find_targets(proj, requests.ACTIONS[action].works)
  if not targets then return nil, why end
  local answers, wrong = answers_for(proj, action, targets)
  if not answers then return nil, wrong end
  local order, problem = order_for(proj, action, answers, client)
  if not order then return nil, problem end
  local made, obstacle = make_jobs(order, targets)
  if not made then return nil, obstacle end
  return made, order.warning
end

local function run_action(state, action)
  local made, note = plan_action(state.proj, action, state.client)
  for _, job in ipairs(made or {}) do session.add(state, job) end
  if note and note ~= "" then session.tell(state, requests.ACTIONS[action].title, note, not made) end
end

-- The jobs that Cancel means: those of the selected items, else all of the project.
local function meant_by_cancel(proj)
  local all, chosen = jobs.all(proj), {}
  for _, job in ipairs(all) do
    local item = job.item and jobs.item(proj, job.item)
    if item and reaper.IsMediaItemSelected(item) then chosen[#chosen + 1] = job end
  end
  return #chosen > 0 and chosen or all
end

local function run_cancel(state)
  local meant = meant_by_cancel(state.proj)
  for _, job in ipairs(meant) do jobs.ask_cancel(job) end
  if #meant == 0 then session.tell(state, "Cancel", "nothing is waiting in this project") end
end

local OTHERS = {
  settings = function(state)
    local answers, wrong = settings.ask("Barline: Settings", settings.COMMON)
    if not answers and wrong then session.tell(state, "Settings", wrong, true) end
  end,
  cancel = run_cancel,
  resume = function() end,
}

-- Runs an action: one of requests.ACTIONS, or settings, cancel, resume.
function actions.run(action)
  if reaper.set_action_options then reaper.set_action_options(RELAUNCH) end
  local state = session.new((reaper.EnumProjects(-1)))
  local act = OTHERS[action]
  if act then act(state) else run_action(state, action) end
  session.adopt(state)
  session.run(state)
end

return actions
