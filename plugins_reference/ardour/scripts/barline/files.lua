-- Small files, whole: what the action scripts and the hook tell each other, and what is kept with the
-- session.

local use = ...
local json = use "json"
local files = {}

-- The text of a file; nil when it is not there.
function files.read (path)
  local file = io.open (path, "rb")
  if not file then return nil end
  local text = file:read ("a")
  file:close ()
  return text
end

-- Writes a file so that a reader finds the old or the new text, never a part. Raises an error.
function files.write (path, text)
  local part = path .. ".part"
  local file = assert (io.open (part, "wb"))
  local written, why = file:write (text)
  file:close ()
  if not written then os.remove (part) error (why) end
  if os.rename (part, path) then return end
  os.remove (path) -- Windows renames onto nothing that is there
  assert (os.rename (part, path))
end

-- Adds one line with a value.
function files.append (path, value)
  local file = assert (io.open (path, "ab"))
  file:write (json.write (value), "\n")
  file:close ()
end

-- The values in a file with one in every line, oldest first.
function files.lines (path)
  local values = {}
  for line in (files.read (path) or ""):gmatch ("[^\n]+") do values[#values + 1] = json.read (line) end
  return values
end

-- A file of the session's, which keeps what belongs to it: barline-NAME.
function files.of_session (name) return ARDOUR.LuaAPI.build_filename (Session:path (), "barline-" .. name) end

-- The folder where the daemon is found: $BARLINE_RUNTIME, else .barline in the user's home.
function files.runtime ()
  local home = os.getenv ("HOME") or os.getenv ("USERPROFILE") or "."
  return os.getenv ("BARLINE_RUNTIME") or ARDOUR.LuaAPI.build_filename (home, ".barline")
end

-- A line for whoever looks into Window > Log, and into the session's folder.
function files.log (text)
  print ("Barline: " .. text)
  local file = io.open (files.of_session ("log.txt"), "ab")
  if file then
    file:write (os.date ("%Y-%m-%d %H:%M:%S "), text, "\n")
    file:close ()
  end
end

return files
