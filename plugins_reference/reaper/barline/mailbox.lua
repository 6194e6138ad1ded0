-- The channel: requests and replies as files in a folder that daemon and scripts share (docs/MAILBOX.md).
-- Never waits. One listing of one folder in a tick, and one look at daemon.json in two seconds.

local part = ...
local files, json = part("files"), part("json")

local mailbox = {}

local LOOK_S = 2.0
local LIST_S = 0.05
local READ_AT_ONCE = 16

-- A mailbox of one script: `client` is its own name, letters, digits, - and _.
function mailbox.open(client)
  return { client = client, sequence = 0, waiting = {}, stuck = {}, looked = -math.huge, listed = -math.huge,
    daemon = nil, pid = nil }
end

local function valid_daemon(text)
  local read, daemon = pcall(json.decode, text or "")
  local usable = read and type(daemon) == "table" and type(daemon.mailbox) == "string"
  return usable and daemon or nil
end

-- Reads daemon.json again when it is time. Returns true when another daemon than before is there.
function mailbox.look(box, now)
  if now - box.looked < LOOK_S then return false end
  box.looked = now
  local daemon = valid_daemon(files.read(files.join(files.runtime_folder(), "daemon.json")))
  if not daemon then return false end
  local is_other = box.pid ~= nil and daemon.pid ~= box.pid
  box.daemon, box.pid = daemon, daemon.pid
  return is_other
end

-- Has a daemon ever been seen?
function mailbox.is_found(box)
  return box.daemon ~= nil
end

-- Puts a message (a table as in docs/PROTOCOL.md) on its way; it waits here until there is a daemon.
function mailbox.send(box, message)
  box.waiting[#box.waiting + 1] = json.encode(message)
end

local function post(box, text)
  local name = ("%s.%08d.json"):format(box.client, box.sequence + 1)
  local folder = files.join(box.daemon.mailbox, "in")
  local written, why = files.write_whole(files.join(folder, name), text)
  if written then box.sequence = box.sequence + 1 end
  return written, why
end

-- Writes what waits. Returns why the folder could not be written, if so; then it is tried again.
function mailbox.flush(box)
  while box.daemon and box.waiting[1] do
    local written, why = post(box, box.waiting[1])
    if not written then return tostring(why) end
    table.remove(box.waiting, 1)
  end
end

local function reply_names(folder)
  local names = {}
  for _, name in ipairs(files.list(folder)) do
    if name:find("^%d+%.json$") then names[#names + 1] = name end
  end
  table.sort(names, function(one, other)
    return tonumber(one:match("%d+")) < tonumber(other:match("%d+"))
  end)
  return names
end

-- A reply's message; nil where it is gone (newer progress replaces older) or cannot be read.
local function take_reply(box, path)
  local text = files.read(path)
  if not text or box.stuck[path] == text then return nil end
  box.stuck[path] = not os.remove(path) and text or nil -- read once, even if somebody holds it open
  local read, message = pcall(json.decode, text)
  return read and type(message) == "table" and message or nil
end

-- The messages that came, in their order, a few at a time.
function mailbox.poll(box, now)
  local messages = {}
  if not box.daemon or now - box.listed < LIST_S then return messages end
  box.listed = now
  local folder = files.join(files.join(box.daemon.mailbox, "out"), box.client)
  for index, name in ipairs(reply_names(folder)) do
    if index > READ_AT_ONCE then break end
    messages[#messages + 1] = take_reply(box, files.join(folder, name))
  end
  return messages
end

return mailbox
