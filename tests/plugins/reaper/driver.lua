-- lua driver.lua FOLDER SCRIPTS: a REAPER without REAPER, steered by lines of JSON on standard input.
-- In: {"lua": TEXT}, run as a function body with the names below in reach. Out: {"value": ...} or {"error": TEXT}.
-- While it runs it may ask for what plain Lua cannot do: {"list": FOLDER} and {"make": FOLDER}, answered by a line.

local here, scripts = arg[1], arg[2]

local function load(name, ...)
  return assert(loadfile(here .. "/" .. name .. ".lua"))(...)
end

local json = assert(loadfile(scripts .. "/barline/json.lua"))()

-- Lua's lists as arrays, all the way down; an empty table counts as one.
local function plain(value)
  if type(value) ~= "table" or value == json.null then return value end
  local told = (value[1] ~= nil or next(value) == nil) and json.array() or {}
  for key, part in pairs(value) do told[key] = plain(part) end
  return told
end

local function put(value)
  io.stdout:write(json.encode(value), "\n")
  io.stdout:flush()
end

local function ask(question)
  put(question)
  return json.decode(io.read("l")).answer
end

local tempo, wave, check, api = load("tempo"), load("wave"), load("check"), load("api")
local world = load("world", tempo)
local media = load("media", world, wave)
local calls = media.calls
for name, call in pairs(load("timeline", world, tempo)) do calls[name] = call end
local program = load("program", world, check, api, calls, ask)
local user = load("user", world, media, program, tempo, scripts)

local names = { world = world, media = media, program = program, user = user, json = json, tempo = tempo,
  scripts = scripts }
local env = setmetatable(names, { __index = _G })

-- A library part on its own, with a checked reaper: for tests of one function.
function env.part(name)
  local inside = setmetatable({ reaper = program.table() }, { __index = _G })
  inside.loadfile = function(path) return loadfile(path, "t", inside) end
  return assert(loadfile(scripts .. "/barline.lua", "t", inside))().part(name)
end

for line in io.lines() do
  local command = json.decode(line)
  local chunk, wrong = _G.load(command.lua, "=test", "t", env)
  local is_ok, value = false, wrong
  if chunk then is_ok, value = xpcall(chunk, debug.traceback) end
  if is_ok then
    put({ value = value == nil and json.null or plain(value) })
  else
    put({ error = tostring(value) })
  end
end
