-- The actions: what each one asks, what it sends, and where its result is put. An action only writes its
-- order down; the hook (hook.lua) does the work, so Ardour never waits.

local use = ...
local files, dialogs, target = use "files", use "dialogs", use "target"
local mailbox, tempo = use "mailbox", use "tempo"
local actions = {}

local HOOK_S = 25 -- a hook that has not been heard of for so long is not there

local function samples (number) return { samples = number } end

-- The fields that many requests share, as the daemon wants them.
local function words (values, lyrics)
  return {
    caption = values.caption,
    lyrics = lyrics and (values.lyrics:gsub ("%s*/%s*", "\n")) or nil,
    language = lyrics and values.language or nil,
    lyric_formats = lyrics and { "json" } or nil,
    lyric_clock = lyrics and "project" or nil,
    key = values.key,
    seed = values.seed,
    steps = values.steps,
    guidance = ("%.3f"):format (values.guidance),
  }
end

local function conform (values) return values.conform and "auto" or "off" end

local function region (message, chosen)
  message.start, message["end"] = samples (chosen.lo), samples (chosen.hi)
  return message
end

local function layer (message, chosen, values)
  message.bit_depth = "float"
  message.fade_ms = values.fade_ms
  return region (message, chosen)
end

local function repaint (values, chosen)
  local message = words (values, true)
  message.strength = ("%.3f"):format (values.strength)
  message.fade_ms, message.takes, message.conform = values.fade_ms, values.takes, conform (values)
  message.deliver = "take"
  return region (message, chosen)
end

local function continue (values, chosen)
  local message = repaint (values, chosen)
  local map = Temporal.TempoMap.read ()
  message.start = samples (chosen.hi)
  message["end"] = samples (tempo.bars_after (map, chosen.hi, values.bars))
  message.strength, message.outpaint = nil, true
  return message
end

local function generate (values, chosen)
  local message = words (values, true)
  message.start, message.takes, message.conform = samples (chosen.lo), values.takes, conform (values)
  message.bit_depth = "float"
  if chosen.hi then message["end"] = samples (chosen.hi) else message.length = { bars = values.bars } end
  return message
end

local function extract (values, chosen)
  local message = words (values, false)
  message.key = nil
  message.stems, message.mode, message.bit_depth = values.stems, values.mode, "float"
  return region (message, chosen)
end

local function lego (values, chosen)
  local message = layer (words (values, true), chosen, values)
  message.stem, message.conform = values.stem, conform (values)
  return message
end

local function backing (values, chosen)
  local message = layer (words (values, false), chosen, values)
  message.stems, message.deliver = values.backing, "take"
  return message
end

local function cover (values, chosen)
  local message = layer (words (values, true), chosen, values)
  message.strength = ("%.3f"):format (values.cover_strength)
  return message
end

local function align (values, chosen)
  local message = { lyrics = words (values, true).lyrics, language = values.language, relative = "project" }
  message.formats = { "lrc", "json" }
  return region (message, chosen)
end

-- asks: fields of the dialog.  type: the request.  build (values, chosen): its fields.
-- land: what is done with the result (landing.lua).  track: name of a new track.
local ACTIONS = {
  repaint = {
    title = "repaint", type = "repaint", build = repaint, land = "on_top",
    asks = { "caption", "lyrics", "strength", "takes", "seed" },
  },
  stems = {
    title = "stems", type = "extract", build = extract, land = "stems",
    asks = { "stems", "remainder", "mode", "caption", "seed" },
  },
  layer = {
    title = "add layer", type = "lego", build = lego, land = "new_track",
    asks = { "stem", "caption", "lyrics", "seed" },
  },
  backing = {
    title = "vocal to backing", type = "vocal2bgm", build = backing, land = "new_track", track = "backing",
    asks = { "backing", "caption", "seed" },
  },
  cover = {
    title = "cover", type = "cover", build = cover, land = "new_track", track = "cover",
    asks = { "caption", "lyrics", "cover_strength", "seed" },
  },
  continue = {
    title = "continue", type = "repaint", build = continue, land = "on_top", ends_there = true,
    asks = { "bars", "caption", "lyrics", "takes", "seed" },
  },
  generate = {
    title = "generate", type = "generate", build = generate, land = "new_track", track = "generated",
    is_new = true,
    asks = { "caption", "lyrics", "bars", "takes", "seed" },
  },
  lyrics = {
    title = "lyrics", type = "align", build = align, land = "markers",
    asks = { "lyrics", "language" },
  },
}

local SETTINGS = {
  "language", "key", "steps", "guidance", "fade_ms", "conform", "markers", "progress", "dialogs",
}

-- Why an order would not be carried out; nil when it will be.
local function obstacle ()
  local seen = tonumber (files.read (files.of_session ("hook")) or "")
  if not seen or os.time () - seen > HOOK_S then
    return "Barline's hook is not running: add it in Edit > Lua Scripts > Script Manager > Action Hooks."
  end
  if not mailbox.daemon () then
    return "No daemon was found at " .. files.runtime () .. ": start Barline first."
  end
  return nil
end

local function chosen_for (action)
  if not action.is_new then return target.selected (action.ends_there) end
  local lo, hi = target.place ()
  return { lo = lo, hi = hi, name = "Barline" }
end

local function new_id ()
  math.randomseed (os.time () * 1000 + math.floor (os.clock () * 1000000) % 1000000)
  return ("ardour-%08x%04x"):format (math.random (0, 0x7fffffff), math.random (0, 0xffff))
end

-- The name the daemon keeps this session's grid by; each order declares it anew, as it is then.
local function grid_name () return "ardour " .. Session:name ():gsub ("[^%w _-]", "_"):sub (1, 50) end

local function order_of (action, values, chosen)
  local map = Temporal.TempoMap.read ()
  local message = action.build (values, chosen)
  local id = new_id ()
  message.type, message.id, message.project = action.type, id, grid_name ()
  return {
    id = id,
    title = action.title,
    name = chosen.name,
    message = message,
    window = chosen.window,
    project = {
      type = "project", id = id .. "-grid", name = message.project, key = values.key,
      tempo = tempo.tempo_text (map), meter = tempo.meter_text (map),
      sample_rate = math.floor (Session:nominal_sample_rate ()),
    },
    lo = message.start.samples,
    hi = message["end"] and message["end"].samples,
    land = {
      how = action.land, track = chosen.track, name = action.track or message.stem,
      gain = chosen.gain, remainder = values.remainder,
    },
  }
end

local function run (name)
  local action = ACTIONS[name]
  local why = obstacle ()
  local chosen, missing
  if not why then
    chosen, missing = chosen_for (action)
    why = missing
  end
  if why then return dialogs.tell (why, true) end
  local values = dialogs.ask (action.title, action.asks)
  if values then files.append (files.of_session ("orders.jsonl"), order_of (action, values, chosen)) end
end

local OTHERS = {
  cancel = function () files.append (files.of_session ("orders.jsonl"), { cancel = true }) end,
  settings = function () dialogs.ask ("settings", SETTINGS, true) end,
}

-- Runs an action by its name. Never raises an error: Ardour would drop the script.
function actions.act (name)
  local fine, why = pcall (OTHERS[name] or run, name)
  if not fine then dialogs.tell (tostring (why), true) end
end

return actions
