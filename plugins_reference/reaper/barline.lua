-- Barline for REAPER: the library behind the action scripts. Stock REAPER, Lua 5.3 or 5.4, no extensions.
-- An action says:  dofile(FOLDER .. "barline.lua").run("repaint")

local here = debug.getinfo(1, "S").source:match("^@?(.*[/\\])") or ""
local parts = {}

-- A part is a file in barline/ that is given this function and returns one table.
local function part(name)
  if parts[name] == nil then
    parts[name] = assert(loadfile(here .. "barline/" .. name .. ".lua"))(part)
  end
  return parts[name]
end

return {
  part = part,
  run = function(action)
    part("actions").run(action)
  end,
}
