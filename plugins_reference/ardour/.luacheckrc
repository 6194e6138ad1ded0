-- luacheck plugins_reference/ardour: what Ardour gives its scripts.
std = "lua53"
max_line_length = 110
read_globals = {
  "ARDOUR", "ArdourUI", "C", "Editing", "Editor", "LuaDialog", "LuaSignal", "PBD", "Session", "Temporal", "ardour",
}
globals = { "factory", "signals" } -- what Ardour looks for in a script
