-- What is remembered between runs, and the dialogs that ask. Everything lies in REAPER's ext state, "barline".

local settings = {}

local SECTION = "barline"
local STEMS = "woodwinds brass fx synth strings percussion keyboard guitar bass drums backing_vocals vocals"

-- name -> { caption in the dialog, default, kind, choices or bounds }
local FIELDS = {
  caption = { "How it should sound", "", "text" },
  lyrics = { "Lyrics (/ ends a line; @notes)", "", "lyrics" },
  language = { "Language of the lyrics", "en", "text" },
  seed = { "Seed (-1: a new one)", "-1", "integer", -1, 4294967295 },
  takes = { "Takes (1-8)", "1", "integer", 1, 8 },
  bars = { "Bars", "4", "integer", 1, 256 },
  stems = { "Stems (or: all)", "vocals drums bass", "words", STEMS .. " all" },
  stem = { "Class of the layer", "bass", "choice", STEMS },
  backing = { "Instruments (or: all)", "drums bass keyboard guitar", "words", STEMS .. " all" },
  mode = { "masked or generated", "masked", "choice", "masked generated" },
  strength = { "Strength (0-1)", "1", "number", 0, 1 },
  reference = { "Timbre of (file; may be empty)", "", "text" },
  result = { "Repaints go to (take/track)", "take", "choice", "take track" },
  lyric_marks = { "Lyrics as (off/markers/regions/take/midi)", "regions", "choice",
    "off markers regions take midi" },
  key = { "Key of the project (may be empty)", "", "text" },
  model = { "Model (empty: the daemon's)", "", "text" },
  fade_ms = { "Crossfade, ms", "20", "number", 0, 1000 },
  steps = { "Steps (0: the model's)", "0", "integer", 0, 200 },
  guidance = { "Guidance (0: the model's)", "0", "number", 0, 30 },
  conform = { "Move onto the grid (auto/off)", "auto", "choice", "auto off" },
}

local function key(field, action)
  return action and action .. "." .. field or field
end

-- The remembered text of a field, for one action or for all.
function settings.get(field, action)
  local name = key(field, action)
  if reaper.HasExtState(SECTION, name) then return reaper.GetExtState(SECTION, name) end
  return FIELDS[field][2]
end

local function has_word(words, word)
  return word ~= "" and (" " .. words .. " "):find(" " .. word .. " ", 1, true) ~= nil
end

local function one_line(text)
  return (text:gsub("%c", " "):gsub("^%s+", ""):gsub("%s+$", ""))
end

local function read_number(text, field, number)
  local _, _, _, low, high = table.unpack(field)
  if not number or number ~= number or number < low or number > high then
    return nil, ("%s: %q is outside %s..%s"):format(field[1], text, low, high)
  end
  return text
end

-- Text of a dialog -> what is remembered; or nil and a sentence that says what is wrong.
local READERS = {
  text = function(text) return text end,
  lyrics = function(text) return text end,
  integer = function(text, field) return read_number(text, field, math.tointeger(tonumber(text))) end,
  number = function(text, field) return read_number(text, field, tonumber(text)) end,
  choice = function(text, field)
    if has_word(field[4], text) then return text end
    return nil, ("%s: %q is none of %s"):format(field[1], text, field[4])
  end,
  words = function(text, field)
    for word in text:gmatch("[^%s,]+") do
      if not has_word(field[4], word) then return nil, ("%s: %q is none of %s"):format(field[1], word, field[4]) end
    end
    if text:find("[^%s,]") then return (text:gsub("[%s,]+", " ")) end
    return nil, field[1] .. ": name at least one"
  end,
}

-- REAPER's dialogs return so many bytes and no more.
local DIALOG_BYTES = 1000

local function split_lines(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
  return lines
end

local function read_answers(names, action, text)
  if #text > DIALOG_BYTES then
    return nil, "this is too long for REAPER's dialog; put lyrics into the item's notes and write @notes"
  end
  local answers, lines = {}, split_lines(text)
  for index, name in ipairs(names) do
    local value, wrong = READERS[FIELDS[name][3]](one_line(lines[index] or ""), FIELDS[name])
    if not value then return nil, wrong end
    answers[name] = value
  end
  for _, name in ipairs(names) do reaper.SetExtState(SECTION, key(name, action), answers[name], true) end
  return answers
end

-- Asks for fields in one dialog. Returns the answers, or nil when the user gave up, or nil and what is wrong.
function settings.ask(title, names, action)
  local captions, values = {}, {}
  for index, name in ipairs(names) do
    captions[index] = (FIELDS[name][1]:gsub(",", ";"))
    values[index] = settings.get(name, action)
  end
  local told = table.concat(captions, ",") .. ",extrawidth=260,separator=\n"
  local is_ok, text = reaper.GetUserInputs(title, #names, told, table.concat(values, "\n"))
  if not is_ok then return nil end
  return read_answers(names, action, text)
end

-- The fields of the settings dialog, for all actions.
settings.COMMON = { "result", "lyric_marks", "language", "key", "model", "fade_ms", "steps", "guidance", "conform" }

return settings
