-- ardour7-lua read_session.lua FOLDER ANSWERS: what a second Ardour finds in the saved session, a line each.
AudioEngine:set_backend ("None (Dummy)", "", "")
assert (load_session (arg[1], "song"))
local answers = io.open (arg[2], "w")
local shm = ARDOUR.DSP.DspShm (8192)
-- the bytes of a region's first channel, summed up: 32-bit words, as the player would get them
local function checksum (region)
  local sum, audio = 0, region:to_audioregion ()
  for at = 0, region:length ():samples () - 1, 8192 do
    local count = math.min (8192, region:length ():samples () - at)
    audio:to_readable ():read (shm:to_float (0), at, count, 0)
    for _, value in ipairs (shm:to_float (0):get_table (count)) do
      sum = (sum * 31 + string.unpack ("<I4", string.pack ("<f", value))) % 4294967291
    end
  end
  return sum
end
for route in Session:get_tracks ():iter () do
  for region in route:to_track ():playlist ():region_list ():iter () do
    answers:write (table.concat ({ "region", route:name (), region:name (), region:position ():samples (),
      region:length ():samples (), region:layer (), region:to_audioregion ():n_channels (), checksum (region) }, "\t"), "\n")
  end
end
for location in Session:locations ():list ():iter () do
  if location:is_mark () then
    answers:write ("marker\t", location:name (), "\t", location:start ():samples (), "\n")
  end
end
answers:close ()
