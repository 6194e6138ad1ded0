-- JSON texts to Lua values and back. null becomes nil; a table with [1], or `json.list`, is written as a
-- list, any other as an object.

local json = {}

json.list = setmetatable ({}, { __name = "empty list" })

local NAMED = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local LITERALS = { ["true"] = true, ["false"] = false, ["null"] = nil }

local function quoted (text)
  local function escape (sign) return ("\\u%04x"):format (sign:byte ()) end
  return '"' .. text:gsub ('[%c"\\\127]', escape) .. '"'
end

local write

local function write_table (value)
  local parts = {}
  if value == json.list or value[1] ~= nil then
    for _, item in ipairs (value) do parts[#parts + 1] = write (item) end
    return "[" .. table.concat (parts, ",") .. "]"
  end
  local keys = {}
  for key in pairs (value) do keys[#keys + 1] = key end
  table.sort (keys)
  for _, key in ipairs (keys) do parts[#parts + 1] = quoted (key) .. ":" .. write (value[key]) end
  return "{" .. table.concat (parts, ",") .. "}"
end

local function write_number (value)
  if math.type (value) == "integer" then return ("%d"):format (value) end
  local short = ("%.15g"):format (value)
  if tonumber (short) ~= value then short = ("%.17g"):format (value) end
  return (short:gsub (",", "."))
end

local WRITERS = { table = write_table, string = quoted, number = write_number, boolean = tostring }

-- The text of a value. Raises an error for functions and userdata.
function write (value)
  local writer = WRITERS[type (value)]
  if not writer then error ("a " .. type (value) .. " has no JSON") end
  return writer (value)
end

json.write = write

local function fault (text, at, what)
  error (("JSON: %s at %d: %q"):format (what, at, text:sub (at, at + 20)), 0)
end

local function skip (text, at) return text:find ("[^ \t\r\n]", at) or #text + 1 end

-- A code point, from \uXXXX or a pair of them; returns the sign and where it ends.
local function read_code (text, at)
  local code = tonumber (text:match ("^%x%x%x%x", at) or fault (text, at, "four hex digits expected"), 16)
  local low = text:match ("^\\u([dD][c-fC-F]%x%x)", at + 4)
  if code >= 0xd800 and code < 0xdc00 and low then
    return utf8.char (0x10000 + (code - 0xd800) * 0x400 + tonumber (low, 16) - 0xdc00), at + 10
  end
  return utf8.char (code), at + 4
end

local function read_string (text, at)
  local parts = {}
  while true do
    local stop = text:find ('["\\]', at) or fault (text, at, "a text without an end")
    parts[#parts + 1] = text:sub (at, stop - 1)
    if text:sub (stop, stop) == '"' then return table.concat (parts), stop + 1 end
    local letter = text:sub (stop + 1, stop + 1)
    if letter == "u" then
      parts[#parts + 1], at = read_code (text, stop + 2)
    else
      parts[#parts + 1] = NAMED[letter] or fault (text, stop, "an unknown escape")
      at = stop + 2
    end
  end
end

local read_value

-- The items between brackets: read_item (at) returns where the item ends.
local function read_items (text, at, closing, read_item)
  at = skip (text, at)
  if text:sub (at, at) == closing then return at + 1 end
  while true do
    at = skip (text, read_item (skip (text, at)))
    local sign = text:sub (at, at)
    if sign == closing then return at + 1 end
    if sign ~= "," then fault (text, at, "a comma expected") end
    at = at + 1
  end
end

local function read_list (text, at)
  local list, count = {}, 0
  local stop = read_items (text, at, "]", function (from)
    count = count + 1
    local to
    list[count], to = read_value (text, from)
    return to
  end)
  return list, stop
end

local function read_object (text, at)
  local object = {}
  local stop = read_items (text, at, "}", function (from)
    if text:sub (from, from) ~= '"' then fault (text, from, "a name expected") end
    local name, to = read_string (text, from + 1)
    to = skip (text, to)
    if text:sub (to, to) ~= ":" then fault (text, to, "a colon expected") end
    object[name], to = read_value (text, skip (text, to + 1))
    return to
  end)
  return object, stop
end

local READERS = { ['"'] = read_string, ["["] = read_list, ["{"] = read_object }

function read_value (text, at)
  local reader = READERS[text:sub (at, at)]
  if reader then return reader (text, at + 1) end
  local word = text:match ("^%l+", at)
  if word and (LITERALS[word] ~= nil or word == "null") then return LITERALS[word], at + #word end
  local number = text:match ("^-?%d[%d.eE+-]*", at)
  if not number or not tonumber (number) then fault (text, at, "no value") end
  return math.tointeger (tonumber (number)) or tonumber (number), at + #number
end

-- The value of a text. Raises an error, with the place, for what is no JSON.
function json.read (text)
  local value, at = read_value (text, skip (text, 1))
  if skip (text, at) <= #text then fault (text, at, "more after the end") end
  return value
end

return json
