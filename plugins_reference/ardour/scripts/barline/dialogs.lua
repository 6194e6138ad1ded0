-- The questions of an action, and what is told to the user, in Ardour's own dialogs.

local use = ...
local files, settings = use "files", use "settings"
local dialogs = {}

-- The classes of a stem or a layer, in the model's order.
dialogs.CLASSES = {
  "woodwinds", "brass", "fx", "synth", "strings", "percussion",
  "keyboard", "guitar", "bass", "drums", "backing_vocals", "vocals",
}

local function same_names (list)
  local values = {}
  for _, name in ipairs (list) do values[name] = name end
  return values
end

local FIELDS = {
  caption = { type = "entry", title = "How it should sound" },
  lyrics = { type = "entry", title = "Words to sing ( / begins a new line)" },
  language = { type = "entry", title = "Language of the words, as a code" },
  key = { type = "entry", title = "Key, as A minor (empty: unknown)" },
  seed = { type = "number", title = "Seed (-1: any)", min = -1, max = 4294967295, step = 1, digits = 0 },
  takes = { type = "number", title = "Takes", min = 1, max = 8, step = 1, digits = 0 },
  strength = { type = "slider", title = "Freedom (0 keeps the sound)", min = 0, max = 1, digits = 2 },
  cover_strength = { type = "slider", title = "How long to follow the source", min = 0, max = 1, digits = 2 },
  fade_ms = { type = "number", title = "Crossfade, ms", min = 0, max = 1000, step = 1, digits = 0 },
  steps = { type = "number", title = "Steps (0: the model's)", min = 0, max = 200, step = 1, digits = 0 },
  guidance = { type = "number", title = "Guidance (0: model's)", min = 0, max = 30, step = 0.5, digits = 1 },
  bars = { type = "number", title = "Bars", min = 1, max = 256, step = 1, digits = 0 },
  stem = { type = "dropdown", title = "Class", values = same_names (dialogs.CLASSES) },
  mode = { type = "dropdown", title = "Made by", values = same_names { "masked", "generated" } },
  remainder = { type = "checkbox", title = "A track for what remains" },
  conform = { type = "checkbox", title = "Move what was played off the grid onto it" },
  dialogs = { type = "checkbox", title = "Ask before every action" },
  markers = { type = "checkbox", title = "Mark the lines of what is sung" },
  progress = { type = "checkbox", title = "Show progress as a range marker" },
}
local WHOLE = { seed = true, takes = true, fade_ms = true, steps = true, bars = true }
local LISTS = { stems = true, backing = true }

-- A list of classes is a checkbox for each: "stems" becomes "stems:drums" ...
local function add_list (widgets, name, chosen)
  for _, class in ipairs (dialogs.CLASSES) do
    local is_on = (" " .. chosen .. " "):find (" " .. class .. " ", 1, true) ~= nil
    widgets[#widgets + 1] = { type = "checkbox", key = name .. ":" .. class, title = class, default = is_on }
  end
end

local function widgets_of (names, values)
  local widgets = {}
  for _, name in ipairs (names) do
    if LISTS[name] then
      add_list (widgets, name, values[name])
    else
      local widget = { key = name, default = values[name] }
      for property, value in pairs (FIELDS[name]) do widget[property] = value end
      widgets[#widgets + 1] = widget
    end
  end
  return widgets
end

local function read_list (answers, name)
  local chosen = {}
  for _, class in ipairs (dialogs.CLASSES) do
    if answers[name .. ":" .. class] then chosen[#chosen + 1] = class end
  end
  return table.concat (chosen, " ")
end

-- All values, the named ones as the user wants them now; nil when the dialog was left by Cancel.
-- Where dialogs are switched off they are the remembered ones.
function dialogs.ask (title, names, always)
  local values = settings.load ()
  if not (values.dialogs or always) then return values end
  local answers = LuaDialog.Dialog ("Barline: " .. title, widgets_of (names, values)):run ()
  if not answers then return nil end
  local changed = {}
  for _, name in ipairs (names) do
    local value = answers[name]
    if LISTS[name] then value = read_list (answers, name) end
    if WHOLE[name] then value = math.floor (value + 0.5) end
    changed[name], values[name] = value, value
  end
  settings.save (changed)
  return values
end

-- A sentence for the user; where dialogs are switched off it is in the log only.
function dialogs.tell (text, is_bad)
  files.log (text)
  if not settings.load ().dialogs then return end
  local kind = is_bad and LuaDialog.MessageType.Error or LuaDialog.MessageType.Info
  LuaDialog.Message ("Barline", text, kind, LuaDialog.ButtonType.Close):run ()
end

return dialogs
