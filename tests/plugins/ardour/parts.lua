-- ardour7-lua parts.lua SCRIPTS FOLDER: parts of Barline's scripts on their own, in Ardour's Lua.
-- FOLDER/texts.txt: a JSON text a line; FOLDER/maps.txt: "map", "point BEAT BPM END NOTE", "meter BEAT N D",
-- "ask BEAT", "end". Answers come into FOLDER/texts.out, maps.out and mail.out.
AudioEngine:set_backend ("None (Dummy)", "", "")
assert (create_session (arg[2] .. "/session", "parts", 48000))
local loaded = {}
local function use (name)
  loaded[name] = loaded[name] or assert (loadfile (arg[1] .. "/barline/" .. name .. ".lua")) (use)
  return loaded[name]
end
local json, mailbox, tempo = use "json", use "mailbox", use "tempo"

local function each_line (name, work)
  local out = io.open (arg[2] .. "/" .. name .. ".out", "w")
  for line in io.lines (arg[2] .. "/" .. name .. ".txt") do work (line, out) end
  out:close ()
end

each_line ("texts", function (line, out) out:write (json.write (json.read (line)), "\n") end)

local out, box = io.open (arg[2] .. "/mail.out", "w"), mailbox.open (mailbox.daemon ())
box.client = "someone"
for _ = 1, 2 do
  for _, reply in ipairs (box:receive ()) do out:write (reply.id, "\n") end
end
box:send { type = "cancel", id = "c1", job = "é \"1\"" }
out:close ()

local map, words
local function beat (number) return Temporal.timepos_t.from_ticks (math.floor (number * Temporal.ticks_per_beat)) end
local WORK = {
  map = function () map = Temporal.TempoMap.fetch_writable () end,
  point = function ()
    map:set_tempo (Temporal.Tempo (words[3], words[4], math.floor (words[5])), beat (words[2]))
  end,
  meter = function () map:set_meter (Temporal.Meter (words[3], words[4]), beat (words[2])) end,
  tell = function (answers)
    answers:write ("tempo ", tempo.tempo_text (map), "\nmeter ", tempo.meter_text (map), "\n")
  end,
  ask = function (answers)
    local ticks = math.floor (words[2] * 1920)
    answers:write ("at ", ticks, " ", map:sample_at_beats (Temporal.Beats (ticks // 1920, ticks % 1920)), "\n")
  end,
  ["end"] = function ()
    map = nil
    collectgarbage ()
    Temporal.TempoMap.abort_update ()
  end,
}
each_line ("maps", function (line, answers)
  words = {}
  for word in line:gmatch ("%S+") do words[#words + 1] = tonumber (word) or word end
  WORK[words[1]] (answers)
end)
