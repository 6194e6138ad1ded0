-- Files and folders with nothing but Lua's io and REAPER's two functions for folders.

local files = {}

local WINDOWS = package.config:sub(1, 1) == "\\"
local SEPARATOR = WINDOWS and "\\" or "/"

-- Two parts of a path as one.
function files.join(folder, name)
  if folder:sub(-1) == "/" or folder:sub(-1) == SEPARATOR then return folder .. name end
  return folder .. SEPARATOR .. name
end

-- The whole content of a file, or nil.
function files.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read("a")
  file:close()
  return content
end

-- Writes a file that is there whole or not at all: under another name first. Returns true, or nil and why.
function files.write_whole(path, content)
  local unfinished = path .. ".part"
  local file, why = io.open(unfinished, "wb")
  if not file then return nil, why end
  local written, problem = file:write(content)
  local closed, late_problem = file:close()
  if not (written and closed) then
    os.remove(unfinished)
    return nil, problem or late_problem
  end
  return os.rename(unfinished, path)
end

-- Can a file be read?
function files.is_there(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Can a path be told to the daemon? Its messages are UTF-8 without control characters.
function files.is_tellable(path)
  return utf8.len(path) ~= nil and not path:find("%c")
end

-- The names of the files in a folder as they are now: one listing. REAPER remembers listings until asked with -1.
function files.list(folder)
  local names = {}
  reaper.EnumerateFiles(folder, -1)
  while true do
    local name = reaper.EnumerateFiles(folder, #names)
    if not name then return names end
    names[#names + 1] = name
  end
end

-- Makes a folder and those above it.
function files.make_folder(path)
  return reaper.RecursiveCreateDirectory(path, 0) > 0
end

-- Where a daemon and its clients meet: $BARLINE_RUNTIME, else .barline in the user's home.
function files.runtime_folder()
  local given = os.getenv("BARLINE_RUNTIME")
  if given and given ~= "" then return given end
  local home = os.getenv("HOME")
  if WINDOWS or not home or home == "" then home = os.getenv("USERPROFILE") or home or "." end
  return files.join(home, ".barline")
end

-- The last part of a path, without its extension.
function files.stem(path)
  local name = path:match("[^/\\]*$")
  return name:match("^(.+)%.[^.]*$") or name
end

-- The extension of a path in small letters, without the dot.
function files.extension(path)
  return (path:match("%.([^./\\]+)$") or ""):lower()
end

return files
