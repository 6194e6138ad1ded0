-- JSON (RFC 8259) to Lua values and back. Knows nothing of REAPER.
-- Objects are tables with text keys, arrays tables made by json.array, null is json.null.
-- Whole numbers stay whole; NaN, infinity and anything that is not JSON are refused with an error.

local json = { null = setmetatable({}, { __tostring = function() return "null" end }) }

local MAX_DEPTH = 64
local ARRAY = {}
local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t" }
local UNESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- Marks a table as an array, so that an empty one is told from an empty object.
function json.array(list)
  return setmetatable(list or {}, ARRAY)
end

function json.is_array(value)
  return getmetatable(value) == ARRAY
end

-- ---------------------------------------------------------------- writing

local function quoted(text)
  if not utf8.len(text) then error("json: a text is not UTF-8", 0) end
  return '"' .. text:gsub('[%c"\\\127]', function(sign)
    return ESCAPES[sign] or ("\\u%04x"):format(sign:byte())
  end) .. '"'
end

local function number_text(number)
  if math.type(number) == "integer" then return ("%d"):format(number) end
  if number ~= number or number == math.huge or number == -math.huge then
    error("json: " .. tostring(number) .. " cannot be told", 0)
  end
  local text = ("%.17g"):format(number):gsub(",", ".") -- a locale may write a comma
  return text
end

local encode

local function encode_array(list, depth)
  local told = {}
  for index = 1, #list do told[index] = encode(list[index], depth) end
  return "[" .. table.concat(told, ",") .. "]"
end

local function encode_object(object, depth)
  local names, told = {}, {}
  for name in pairs(object) do
    if type(name) ~= "string" then error("json: a key is a " .. type(name) .. ", not a text", 0) end
    names[#names + 1] = name
  end
  table.sort(names)
  for index, name in ipairs(names) do told[index] = quoted(name) .. ":" .. encode(object[name], depth) end
  return "{" .. table.concat(told, ",") .. "}"
end

local WRITERS = {
  string = quoted,
  number = number_text,
  boolean = tostring,
  table = function(value, depth)
    if value == json.null then return "null" end
    if depth >= MAX_DEPTH then error("json: too deep, or a table that holds itself", 0) end
    local write = json.is_array(value) and encode_array or encode_object
    return write(value, depth + 1)
  end,
}

function encode(value, depth)
  local write = WRITERS[type(value)]
  if not write then error("json: a " .. type(value) .. " cannot be told", 0) end
  return write(value, depth)
end

-- The JSON text of a value, on one line, keys in order.
function json.encode(value)
  return encode(value, 0)
end

-- ---------------------------------------------------------------- reading

local function fail(at, what)
  error(("json: %s at byte %d"):format(what, at), 0)
end

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function four_digits(text, at)
  local digits = text:match("^%x%x%x%x", at)
  if not digits then fail(at, "\\u needs four hexadecimal digits") end
  return tonumber(digits, 16)
end

-- The character of a \u escape whose digits begin at `at`, and where it ends; two make one above U+FFFF.
local function unescape_unicode(text, at)
  local code = four_digits(text, at)
  at = at + 4
  if code >= 0xD800 and code <= 0xDBFF and text:sub(at, at + 1) == "\\u" then
    local low = four_digits(text, at + 2)
    if low >= 0xDC00 and low <= 0xDFFF then
      return utf8.char(0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00), at + 6
    end
  end
  if code >= 0xD800 and code <= 0xDFFF then return "\u{FFFD}", at end -- half a pair stands for nothing
  return utf8.char(code), at
end

local function decode_text(text, at)
  local pieces = {}
  while true do
    local stop = text:find('["\\%c]', at)
    if not stop then fail(at, "a text has no end") end
    pieces[#pieces + 1] = text:sub(at, stop - 1)
    local sign = text:sub(stop, stop)
    if sign == '"' then return table.concat(pieces), stop + 1 end
    if sign == "\127" then
      pieces[#pieces + 1], at = sign, stop + 1
    elseif sign ~= "\\" then
      fail(stop, "a bare control character in a text")
    else
      local letter = text:sub(stop + 1, stop + 1)
      if letter == "u" then
        pieces[#pieces + 1], at = unescape_unicode(text, stop + 2)
      else
        pieces[#pieces + 1] = UNESCAPES[letter] or fail(stop, "an unknown escape")
        at = stop + 2
      end
    end
  end
end

local function decode_number(text, at)
  local whole = text:match("^-?0", at) or text:match("^-?[1-9]%d*", at)
  if not whole then fail(at, "not a value") end
  local stop = at + #whole
  local fraction = text:match("^%.%d+", stop) or ""
  local power = text:match("^[eE][+-]?%d+", stop + #fraction) or ""
  stop = stop + #fraction + #power
  if text:find("^[%w.]", stop) then fail(at, "not a number") end
  local exact = fraction == "" and power == "" and math.tointeger(tonumber(whole))
  return exact or tonumber(whole .. fraction .. power) + 0.0, stop
end

local decode

local function decode_array(text, at, depth)
  local list = json.array()
  at = skip(text, at)
  if text:sub(at, at) == "]" then return list, at + 1 end
  while true do
    list[#list + 1], at = decode(text, at, depth)
    local sign = text:sub(at, at)
    if sign == "]" then return list, at + 1 end
    if sign ~= "," then fail(at, "an array wants , or ]") end
    at = at + 1
  end
end

local function decode_object(text, at, depth)
  local object = {}
  at = skip(text, at)
  if text:sub(at, at) == "}" then return object, at + 1 end
  while true do
    at = skip(text, at)
    if text:sub(at, at) ~= '"' then fail(at, "an object wants a name") end
    local name
    name, at = decode_text(text, at + 1)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then fail(at, "a name wants :") end
    if object[name] ~= nil then fail(at, "the same name twice") end
    object[name], at = decode(text, at + 1, depth)
    local sign = text:sub(at, at)
    if sign == "}" then return object, at + 1 end
    if sign ~= "," then fail(at, "an object wants , or }") end
    at = at + 1
  end
end

local WORDS = { t = { "true", true }, f = { "false", false }, n = { "null", json.null } }
local READERS = {
  ['"'] = function(text, at) return decode_text(text, at + 1) end,
  ["["] = function(text, at, depth) return decode_array(text, at + 1, depth + 1) end,
  ["{"] = function(text, at, depth) return decode_object(text, at + 1, depth + 1) end,
}

-- A value and the place behind it and the blanks that follow.
function decode(text, at, depth)
  if depth > MAX_DEPTH then fail(at, "too deep") end
  at = skip(text, at)
  local sign = text:sub(at, at)
  local word = WORDS[sign]
  if word then
    if text:sub(at, at + #word[1] - 1) ~= word[1] then fail(at, "not a value") end
    return word[2], skip(text, at + #word[1])
  end
  local value, after = (READERS[sign] or decode_number)(text, at, depth)
  return value, skip(text, after)
end

-- The value of a whole JSON text; raises a text that says what is wrong where.
function json.decode(text)
  local value, after = decode(text, 1, 0)
  if after <= #text then fail(after, "something follows the value") end
  return value
end

return json
