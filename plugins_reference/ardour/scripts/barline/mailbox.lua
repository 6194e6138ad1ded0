-- The daemon's mailbox: requests and replies as files, since Ardour's Lua can send OSC but not hear it.
-- It cannot list folders either: replies are found by their numbers.

local use = ...
local json, files = use "json", use "files"
local mailbox = {}

local AHEAD = 64 -- numbers that one look goes through: read progress leaves gaps
local path_of = ARDOUR.LuaAPI.build_filename

-- What daemon.json says; nil when no daemon runs.
function mailbox.daemon ()
  local text = files.read (path_of (files.runtime (), "daemon.json"))
  local fine, facts = pcall (json.read, text or "")
  if fine and facts.mailbox then return facts end
  return nil
end

-- A box of our own at a daemon. Its name is new, so its numbers begin at 1.
function mailbox.open (facts)
  local box = { facts = facts, sent = 0, next = 1 }
  box.client = ("ardour-%08x"):format (math.random (0, 0x7fffffff))
  return setmetatable (box, { __index = mailbox })
end

-- Is the daemon another one than when the box was opened, or gone?
function mailbox.is_stale (box)
  local facts = mailbox.daemon ()
  return not facts or facts.pid ~= box.facts.pid or facts.mailbox ~= box.facts.mailbox
end

-- Puts a request into the box. Raises an error when it cannot.
function mailbox.send (box, message)
  box.sent = box.sent + 1
  local name = ("%s.%08d.json"):format (box.client, box.sent)
  files.write (path_of (box.facts.mailbox, "in", name), json.write (message) .. "\n")
end

local function take (box, number)
  local path = path_of (box.facts.mailbox, "out", box.client, ("%08d.json"):format (number))
  local text = files.read (path)
  if not text then return nil end
  os.remove (path)
  return json.read (text)
end

-- The replies that have come, in order.
function mailbox.receive (box)
  local replies, at = {}, box.next
  while at < box.next + AHEAD do
    local reply = take (box, at)
    if reply then
      -- what was not there a moment ago may have come before this one
      for missed = box.next, at - 1 do replies[#replies + 1] = take (box, missed) end
      replies[#replies + 1] = reply
      box.next = at + 1
    end
    at = at + 1
  end
  return replies
end

return mailbox
