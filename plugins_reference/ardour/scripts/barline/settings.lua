-- What the user has chosen: remembered between sessions in barline.json beside Ardour's own settings.

local use = ...
local json, files = use "json", use "files"
local settings = {}

local DEFAULTS = {
  dialogs = true, -- ask before every action; without, the remembered values are used at once
  progress = true, -- a range marker above the music tells how far a job is
  markers = true, -- the lines of a result that is sung become location markers
  caption = "",
  lyrics = "",
  language = "en",
  key = "",
  seed = -1,
  takes = 1,
  strength = 1,
  fade_ms = 20,
  steps = 0,
  guidance = 0,
  conform = true,
  stems = "drums bass vocals",
  remainder = true,
  mode = "masked",
  stem = "bass",
  bars = 4,
  backing = "drums bass keyboard guitar",
  cover_strength = 1,
}

local function path ()
  return ARDOUR.LuaAPI.build_filename (ARDOUR.user_config_directory (-1), "barline.json")
end

-- All values: the remembered ones, else the defaults.
function settings.load ()
  local known, values = {}, {}
  local fine, read = pcall (json.read, files.read (path ()) or "{}")
  if fine and type (read) == "table" then known = read end
  for name, default in pairs (DEFAULTS) do
    values[name] = default
    if type (known[name]) == type (default) then values[name] = known[name] end
  end
  return values
end

-- Remembers values; those not named stay.
function settings.save (changed)
  local values = settings.load ()
  for name, value in pairs (changed) do values[name] = value end
  files.write (path (), json.write (values) .. "\n")
end

return settings
