-- From an action, its answers and a plan to the messages of docs/PROTOCOL.md. Touches no project.

local part = ...
local json, settings = part("json"), part("settings")

local requests = {}

-- action -> title, command, the fields it asks for, and what of the project it works on:
-- "audio" a target, "end" what follows a target, "place" a time. lands: where the result goes if not to its target.
requests.ACTIONS = {
  repaint = { title = "Repaint", command = "repaint", works = "audio", ask = { "caption", "lyrics", "seed", "takes" } },
  stems = { title = "Stems", command = "extract", works = "audio", ask = { "stems", "mode" }, lands = "track" },
  layer = { title = "Add layer", command = "lego", works = "audio", lands = "track",
    ask = { "stem", "caption", "lyrics", "seed" } },
  backing = { title = "Vocal to backing", command = "vocal2bgm", works = "audio", lands = "track",
    ask = { "backing", "caption", "seed" } },
  cover = { title = "Cover", command = "cover", works = "audio", lands = "track",
    ask = { "caption", "lyrics", "strength", "reference", "seed" } },
  continue = { title = "Continue", command = "repaint", works = "end", lands = "track",
    ask = { "bars", "caption", "lyrics", "seed" } },
  generate = { title = "Generate", command = "generate", works = "place", lands = "track",
    ask = { "bars", "caption", "lyrics", "seed", "takes" } },
  lyrics = { title = "Lyrics", command = "align", works = "audio", lands = "marks", ask = { "lyrics" } },
}

local function number_of(text)
  return math.tointeger(tonumber(text)) or text -- whole numbers as such, others as exact texts
end

local function words_of(text)
  local words = json.array()
  for word in text:gmatch("%S+") do words[#words + 1] = word end
  return words
end

-- Answers that go into a message under another name or form.
local FORMS = {
  caption = function(message, text) message.caption = text end,
  lyrics = function(message, text)
    message.lyrics = text
    message.language = settings.get("language")
  end,
  seed = function(message, text) message.seed = number_of(text) end,
  stems = function(message, text) message.stems = words_of(text) end,
  backing = function(message, text) message.stems = words_of(text) end,
  stem = function(message, text) message.stem = text end,
  mode = function(message, text) message.mode = text end,
  strength = function(message, text) message.strength = number_of(text) end,
  reference = function(message, text) if text ~= "" then message.reference = text end end,
}

-- Settings that a command takes, as far as they differ from its own defaults.
local COMMON = {
  repaint = { "steps", "guidance", "fade_ms", "conform" },
  generate = { "steps", "guidance", "conform" },
  extract = { "steps", "guidance" },
  lego = { "steps", "guidance", "conform" },
  vocal2bgm = { "steps", "guidance" },
  cover = { "steps", "guidance" },
  align = {},
}
local UNSAID = { steps = "0", guidance = "0", fade_ms = "20", conform = "auto", model = "" }

local function add_common(message)
  for _, name in ipairs(COMMON[message.type]) do
    local text = settings.get(name)
    if text ~= UNSAID[name] then message[name] = name == "conform" and text or number_of(text) end
  end
  if settings.get("model") ~= "" then message.model = settings.get("model") end
end

-- The message of an action for one target. Fields that lie in the project (source, place) are added by `locate`.
function requests.message(action, answers)
  local command = requests.ACTIONS[action].command
  local message = { type = command }
  for name, text in pairs(answers) do
    if FORMS[name] then FORMS[name](message, text) end
  end
  add_common(message)
  if action == "lyrics" then
    message.formats, message.relative = json.array({ "lrc", "reaper" }), "project"
  elseif action == "continue" then
    message.outpaint, message.deliver = true, "take"
  elseif command == "repaint" then
    message.deliver = answers.result == "track" and "take" or "full"
  end
  return message
end

-- Adds to a message which file it is about and where, by a plan of source.lua.
function requests.locate(message, plan, path)
  message.source = path
  message.source_start = { samples = plan.origin }
  message.start = { samples = plan.first }
  message["end"] = { samples = plan.last }
  return message
end

-- The declaration of the project's grid under a name of ours; sample positions count at `rate`.
function requests.project(name, map, rate)
  local message = { type = "project", name = name, tempo = map.tempo, meter = map.meter, sample_rate = rate }
  if settings.get("key") ~= "" then message.key = settings.get("key") end
  return message
end

-- The alignment of what a job sang: the file that holds it, over the job's own region.
function requests.alignment(message, reply, path, origin)
  return {
    type = "align", source = path, source_start = { samples = origin },
    start = { samples = reply.start_sample }, ["end"] = { samples = reply.end_sample },
    lyrics = message.lyrics, language = message.language, caption = message.caption, model = message.model,
    formats = json.array({ "lrc", "reaper" }), relative = "project", out = message.out, project = message.project,
  }
end

return requests
