-- The stand-in's program around the projects: running scripts with their deferred calls, dialogs, ext state, folder
-- listings that are remembered as REAPER remembers them, and the gfx window.

local world, check, api, calls, ask = ...

local program = { scripts = {}, now = 1000.0, dialogs = {}, shown = {}, errors = {}, listings = {}, most_calls = 0 }

local GLANCE_S = 0.0005 -- by which the clock goes on when it is asked
local TICK_S = 1 / 30

-- ---------------------------------------------------------------- time and files

function calls.time_precise()
  program.now = program.now + GLANCE_S
  return program.now
end

-- REAPER lists a folder once and answers from that until it is told to look again.
local function listed(path)
  if not program.listings[path] then
    program.listings[path] = ask({ list = path })
    program.looks = (program.looks or 0) + 1
  end
  return program.listings[path]
end

function calls.EnumerateFiles(path, index)
  if index == -1 then program.listings[path] = nil end
  local name = listed(path)[math.max(index, 0) + 1]
  return name
end

function calls.RecursiveCreateDirectory(path) return ask({ make = path }) and 1 or 0 end

-- ---------------------------------------------------------------- ext state, dialogs

local function ext_key(section, key) return section .. "\0" .. key end

function calls.GetExtState(section, key)
  local entry = world.ext[ext_key(section, key)]
  return entry and entry.text or ""
end

function calls.SetExtState(section, key, text, persist)
  if text:find("[\r\n]") then error("an ini file has no place for line ends", 2) end
  world.ext[ext_key(section, key)] = { text = text, persist = persist }
end

function calls.HasExtState(section, key) return world.ext[ext_key(section, key)] ~= nil end
function calls.DeleteExtState(section, key) world.ext[ext_key(section, key)] = nil end

-- What is left after REAPER was closed and started again.
function program.restart()
  for key, entry in pairs(world.ext) do
    if not entry.persist then world.ext[key] = nil end
  end
end

local DIALOG_BYTES = 1023

local function fields_of(captions)
  local list, separator = {}, ","
  for caption in (captions .. ","):gmatch("([^,]*),") do
    local sign = caption:match("^separator=(.)")
    separator = sign or separator
    if not sign and not caption:find("^extrawidth=%d+$") then list[#list + 1] = caption end
  end
  return list, separator
end

-- A dialog is answered by the next of program.dialogs: false gives up, a table replaces fields by the start of
-- their captions.
function calls.GetUserInputs(title, count, captions, values)
  local fields, separator = fields_of(captions)
  if count > 16 or count ~= #fields then error(title .. ": " .. #fields .. " captions for " .. count, 2) end
  local answers = table.remove(program.dialogs, 1)
  if answers == nil then error("a dialog that nobody expected: " .. title, 2) end
  local texts = {}
  for text in (values .. separator):gmatch("([^" .. separator .. "]*)" .. separator) do texts[#texts + 1] = text end
  if #texts ~= count then error(title .. ": " .. #texts .. " values for " .. count, 2) end
  for start, text in pairs(answers or {}) do
    local found = false
    for index, caption in ipairs(fields) do
      if caption:lower():sub(1, #start) == start:lower() then texts[index], found = text, true end
    end
    if not found then error(title .. " has no field " .. start, 2) end
  end
  return answers ~= false, table.concat(texts, separator):sub(1, DIALOG_BYTES)
end

function calls.genGuid() return world.guid() end
function calls.GetAudioDeviceInfo(name) return name == "SRATE", name == "SRATE" and "44100" or "" end

local COMMANDS = { [40047] = true } -- build missing peaks
function calls.Main_OnCommandEx(command)
  if not COMMANDS[command] then error("command " .. command .. " is not simulated", 2) end
end

program.refresh = 0
function calls.PreventUIRefresh(count)
  program.refresh = program.refresh + count
  if program.refresh < 0 then error("PreventUIRefresh goes below 0", 2) end
end

function calls.UpdateArrange() end

-- ---------------------------------------------------------------- the gfx window

local GFX = {
  init = "string integer? integer? integer? number? number? > number?", quit = ">", update = ">",
  getchar = "integer? > integer", set = "number number? number? number? > ", drawstr = "string integer? >",
  rect = "number number number number integer? >", setfont = "integer string? integer? integer? > integer",
  measurestr = "string > number number",
}

local function new_gfx(script)
  local state = { x = 0, y = 0, w = 0, h = 0, mouse_cap = 0, mouse_x = 0, mouse_y = 0, texth = 15 }
  local draws = {}
  local functions = {
    init = function() script.is_window_open = true end,
    quit = function() script.is_window_open = false end,
    getchar = function() return script.is_window_open and 0 or -1 end,
    set = function() end, rect = function() end, setfont = function() return 1 end,
    measurestr = function(text) return #text * 7, 15 end,
    drawstr = function(text) draws[#draws + 1] = text end,
    update = function() script.drawn, draws = draws, {} end,
  }
  script.gfx = state
  local checked = check.table("gfx", GFX, functions)
  return setmetatable({}, {
    __index = function(_, name) if state[name] ~= nil then return state[name] end return checked[name] end,
    __newindex = function(_, name, value)
      if state[name] == nil then error("gfx." .. name .. " must not be set", 2) end
      state[name] = value
    end,
  })
end

-- ---------------------------------------------------------------- scripts

local function finish(script)
  for _, leave in ipairs(script.leaving) do leave() end
  script.leaving, script.queue, script.is_over = {}, {}, true
  for index, other in ipairs(program.scripts) do
    if other == script then table.remove(program.scripts, index) end
  end
end

-- Runs a piece of a script: what it leaves unbalanced, or raises, ends it and is noted.
local function attempt(script, piece)
  program.running, program.looks, program.calls = script, 0, 0
  local is_ok, problem = xpcall(piece, debug.traceback)
  program.running = nil
  local depth = 0
  for _, project in ipairs(world.projects) do depth = depth + project.depth end
  if is_ok and depth ~= 0 then is_ok, problem = false, "an undo block was left open" end
  if is_ok and program.refresh ~= 0 then is_ok, problem = false, "PreventUIRefresh was left on" end
  if is_ok and program.looks > 1 then is_ok, problem = false, program.looks .. " listings in one tick" end
  program.most_calls = math.max(program.most_calls, program.calls)
  if not is_ok then
    program.errors[#program.errors + 1] = tostring(problem)
    script.queue, script.leaving = {}, {}
    finish(script)
  end
end

function calls.defer(call)
  table.insert(program.running.queue, call)
  return true
end
calls.runloop = calls.defer

function calls.atexit(call)
  table.insert(program.running.leaving, call)
  return true
end

function calls.get_action_context() return true, program.running.path, 0, 1, -1, -1, -1, "" end
function calls.set_action_options(options) program.running.options = options end

-- What a script sees: its own reaper, gfx and loaders; a global that it sets by mistake raises.
local function environment(script)
  local counted = {}
  for name, call in pairs(calls) do
    counted[name] = function(...)
      program.calls = (program.calls or 0) + 1
      return call(...)
    end
  end
  local env = { reaper = check.table("reaper", api, counted, program.missing), gfx = new_gfx(script) }
  env.loadfile = function(path) return loadfile(path, "t", env) end
  env.dofile = function(path) return assert(loadfile(path, "t", env))() end
  return setmetatable(env, { __index = _G, __newindex = function(_, name)
    error("the script sets the global " .. tostring(name), 2)
  end })
end

-- Starts an action script, as a key would. One that is running and asked for it ends first.
function program.run(path)
  for _, other in ipairs({ table.unpack(program.scripts) }) do
    if other.path == path and (other.options or 0) & 1 ~= 0 then finish(other) end
  end
  local script = { path = path, queue = {}, leaving = {} }
  program.scripts[#program.scripts + 1] = script
  attempt(script, assert(loadfile(path, "t", environment(script))))
  if not script.is_over and #script.queue == 0 then finish(script) end
end

-- One turn of REAPER's loop: what was deferred is called.
function program.tick()
  program.now = program.now + TICK_S
  for _, script in ipairs({ table.unpack(program.scripts) }) do
    local queue = script.queue
    script.queue = {}
    for _, call in ipairs(queue) do
      if not script.is_over then attempt(script, call) end
    end
    if not script.is_over and #script.queue == 0 then finish(script) end
  end
end

-- REAPER is closed: scripts end.
function program.quit()
  for _, script in ipairs({ table.unpack(program.scripts) }) do finish(script) end
end

-- What the windows of all scripts show, as one text.
function program.windows()
  local texts = {}
  for _, script in ipairs(program.scripts) do
    if script.is_window_open then texts[#texts + 1] = table.concat(script.drawn or {}, "\n") end
  end
  return table.concat(texts, "\n")
end

-- For luacheck: every simulated name is one of the API's.
program.table = function() return check.table("reaper", api, calls) end

return program
