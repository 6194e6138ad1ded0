-- ardour7-lua read_session.lua SESSION FOLDER: what a second Ardour finds in the saved session: a line each in
-- FOLDER/found.txt, and every region's samples, channel after channel, in FOLDER/NUMBER.f32.
AudioEngine:set_backend ("None (Dummy)", "", "")
assert (load_session (arg[1], "song"))
local answers = io.open (arg[2] .. "/found.part", "w")
local AT_ONCE, IN_ONE = 8192, 128
local shm = ARDOUR.DSP.DspShm (AT_ONCE)

local function packed (values)
  local parts = {}
  for at = 1, #values, IN_ONE do
    local last = math.min (at + IN_ONE - 1, #values)
    parts[#parts + 1] = string.pack ("<" .. ("f"):rep (last - at + 1), table.unpack (values, at, last))
  end
  return table.concat (parts)
end

local function write_samples (region, path)
  local file, audio, length = io.open (path, "wb"), region:to_audioregion (), region:length ():samples ()
  for channel = 0, audio:n_channels () - 1 do
    for at = 0, length - 1, AT_ONCE do
      local count = math.min (AT_ONCE, length - at)
      audio:to_readable ():read (shm:to_float (0), at, count, channel)
      file:write (packed (shm:to_float (0):get_table (count)))
    end
  end
  file:close ()
end

-- the lists are held: Ardour frees one that is not, while it is gone through
local tracks, places, number = Session:get_tracks (), Session:locations ():list (), 0
for route in tracks:iter () do
  local regions = route:to_track ():playlist ():region_list ()
  for region in regions:iter () do
    number = number + 1
    write_samples (region, ("%s/%d.f32"):format (arg[2], number))
    local row = { "region", route:name (), region:name (), region:position ():samples () }
    row[5], row[6], row[7] = region:length ():samples (), region:layer (), region:to_audioregion ():n_channels ()
    answers:write (table.concat (row, "\t"), "\n")
  end
end
for location in places:iter () do
  local kind = location:is_mark () and "marker" or "range"
  answers:write (table.concat ({ kind, location:name (), location:start ():samples () }, "\t"), "\n")
end
answers:close ()
os.rename (arg[2] .. "/found.part", arg[2] .. "/found.txt")
