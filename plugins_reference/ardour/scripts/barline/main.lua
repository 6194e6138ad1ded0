-- What the action scripts and the hook load: main.lua's own folder in, a table with two entries out.
-- Ardour's Lua has neither require nor dofile, so modules are loaded here, each once.

local folder = ...
local loaded = {}

local function use (name)
  if loaded[name] == nil then
    loaded[name] = assert (loadfile (folder .. name .. ".lua")) (use)
  end
  return loaded[name]
end

return {
  -- An action was called: ask for its values, write its order down. Returns at once.
  act = function (name) return use ("actions").act (name) end,
  -- The hook's timer: a little of the work that is due.
  tick = function () return use ("hook").tick () end,
}
