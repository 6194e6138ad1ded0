-- Barline in TouchOSC: the script of the document's root. README.md says which controls it needs.
-- TouchOSC gives scripts no clock that never repeats, so job ids begin with the fresh word of the daemon's hello.

local fresh = nil
local count = 0
local job = nil

local function control(name)
  return root:findByName(name, true)
end

local function text(name)
  return control(name).values.text
end

local function show(words)
  control("status").values.text = words
end

local function new_id(word)
  count = count + 1
  return string.format("%s-%s-%d", fresh or "deck", word, count)
end

local function hello()
  sendOSC("/hello", new_id("hello"), "client", "touchosc")
end

local press = {}

function press.project()
  sendOSC("/project", new_id("project"), "name", "deck", "tempo", text("tempo"), "meter", text("meter"))
end

function press.repaint()
  if not fresh then
    hello()
    show("no daemon yet: press again")
    return
  end
  control("progress").values.x = 0
  sendOSC("/repaint", new_id("job"), "project", "deck", "source", text("song"), "start.bars", text("first"),
    "end.bars", text("end"), "caption", text("caption"), "strength", control("strength").values.x)
end

function press.cancel()
  if job then
    sendOSC("/cancel", new_id("cancel"), "job", job)
  else
    show("no job yet")
  end
end

-- Values that follow `id command` of a done message, by their keys.
local function fields_of(arguments)
  local fields = {}
  for i = 3, #arguments - 1, 2 do
    fields[arguments[i].value] = arguments[i + 1].value
  end
  return fields
end

local hear = {}

hear["/accepted"] = function(arguments)
  job = arguments[1].value
  show(string.format("%s waits behind %d", arguments[2].value, arguments[3].value))
end

hear["/progress"] = function(arguments)
  local step, of = arguments[3].value, arguments[4].value
  show(string.format("%s %d/%d", arguments[2].value, step, of))
  control("progress").values.x = of > 0 and step / of or 0
end

hear["/done"] = function(arguments)
  local fields = fields_of(arguments)
  fresh = fresh or fields.fresh
  if fields.take then
    show(string.format("bar %s: %s", fields.start_bar, fields.take))
  else
    show(arguments[2].value .. " done")
  end
end

hear["/fail"] = function(arguments)
  show(string.format("%s: %s", arguments[2].value, arguments[5].value))
end

hear["/cancelled"] = function(arguments)
  show(arguments[2].value .. " cancelled")
end

function init()
  hello()
end

-- A button tells its name; its own script is in README.md.
function onReceiveNotify(name)
  if press[name] then
    press[name]()
  end
end

function onReceiveOSC(message)
  local act = hear[message[1]]
  if act then
    act(message[2])
  end
  return act ~= nil
end
