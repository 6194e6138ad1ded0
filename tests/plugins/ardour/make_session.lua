-- ardour7-lua make_session.lua FOLDER RATE: an empty session with two tempi, a ramp between them, one change of meter.
AudioEngine:set_backend ("None (Dummy)", "", "")
assert (create_session (arg[1], "song", tonumber (arg[2])))
local map = Temporal.TempoMap.fetch_writable ()
local function beat (number) return Temporal.timepos_t.from_ticks (number * Temporal.ticks_per_beat) end
map:set_tempo (Temporal.Tempo (120, 120, 4), beat (0))
map:set_meter (Temporal.Meter (4, 4), beat (0))
map:set_tempo (Temporal.Tempo (97.3, 97.3, 4), beat (16))
map:set_meter (Temporal.Meter (7, 8), beat (16))
Temporal.TempoMap.update (map)
map = nil
collectgarbage ()
Session:save_state ("")
