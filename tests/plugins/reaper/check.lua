-- Wraps functions so that a call with the wrong number or types of arguments raises, results too, and so does every
-- name that the API does not have.

local check = {}

local POINTERS = {}
for kind in ("project track item take source accessor array"):gmatch("%a+") do POINTERS[kind] = true end

local function is_pointer(value, kind)
  return type(value) == "table" and rawget(value, "kind") == kind
end

local function fits(value, kind)
  if kind == "any" then return true end
  if kind == "integer" then return type(value) == "number" and math.tointeger(value) ~= nil end
  if kind == "number" then return type(value) == "number" and value == value end
  if kind == "project" and (value == 0 or value == nil) then return true end
  if POINTERS[kind] then return is_pointer(value, kind) end
  return type(value) == kind
end

local function split(spec)
  local arguments, results = spec:match("^(.-)%s*>%s*(.*)$")
  local function words(text)
    local list = {}
    for word in text:gmatch("%S+") do
      list[#list + 1] = { kind = word:gsub("%?$", ""), may_miss = word:sub(-1) == "?" }
    end
    return list
  end
  return words(arguments), words(results)
end

local function least(wanted)
  local count = #wanted
  while count > 0 and wanted[count].may_miss do count = count - 1 end
  return count
end

local function verify(name, what, wanted, values)
  if values.n > #wanted or values.n < least(wanted) then
    error(("%s: %d %s, not %d"):format(name, values.n, what, #wanted), 3)
  end
  for index, want in ipairs(wanted) do
    local value = values[index]
    if not (value == nil and want.may_miss) and not fits(value, want.kind) then
      error(("%s: %s %d is %s, not %s"):format(name, what, index, tostring(value), want.kind), 3)
    end
    if is_pointer(value, want.kind) and value.dead then
      error(("%s: %s %d is a %s that is no longer there"):format(name, what, index, want.kind), 3)
    end
  end
end

-- The checked form of a function, by its line in api.lua.
function check.wrap(name, spec, call)
  local arguments, results = split(spec)
  return function(...)
    local given = table.pack(...)
    verify(name, "arguments", arguments, given)
    local got = table.pack(call(...))
    verify(name, "results", results, got)
    return table.unpack(got, 1, got.n)
  end
end

-- A table of checked functions; a name in `api` without a function in `calls` is not simulated and raises when used.
-- Names in `missing` are nil, as in an older REAPER.
function check.table(label, api, calls, missing)
  local checked = {}
  for name in pairs(calls) do
    if not api[name] then error(label .. "." .. name .. " is simulated, but not in the API") end
  end
  for name, spec in pairs(api) do
    if calls[name] then
      checked[name] = check.wrap(label .. "." .. name, spec, calls[name])
    else
      checked[name] = function() error(label .. "." .. name .. " is not simulated here", 2) end
    end
  end
  return setmetatable({}, {
    __index = function(_, name)
      if missing and missing[name] then return nil end
      if checked[name] == nil then error(("%s.%s does not exist"):format(label, tostring(name)), 2) end
      return checked[name]
    end,
    __newindex = function(_, name) error(("%s.%s must not be set"):format(label, tostring(name)), 2) end,
  })
end

return check
