-- For luacheck: our scripts know stock Lua, gfx, and those names of `reaper` that are in api.lua.
std = "lua53"
max_line_length = 120
local fields = {}
for name in pairs(dofile("tests/plugins/reaper/api.lua")) do fields[name] = {} end
read_globals = { reaper = { fields = fields } }
globals = { gfx = { fields = { x = { read_only = false }, y = { read_only = false } }, other_fields = true } }
