-- Writes the window that target.lua chose into a WAV of 32-bit floats, a slice at a time, so that Ardour
-- stays awake. Floats are what Ardour reads every file as: no bit of the sound is lost.

local wave = {}

local AT_ONCE = 8192 -- samples of a channel in one read
local IN_ONE = 128 -- values in one string.pack
local FLOATS = "<" .. ("f"):rep (IN_ONE)

local function header (channels, rate, count)
  local frame = channels * 4
  local bytes = count * frame
  local layout = "<c4I4I2I2I4I4I2I2I2"
  local format = layout:pack ("fmt ", 18, 3, channels, rate, rate * frame, frame, 32, 0)
  local fact = string.pack ("<c4I4I4", "fact", 4, count)
  local body = "WAVE" .. format .. fact .. string.pack ("<c4I4", "data", bytes)
  return string.pack ("<c4I4", "RIFF", #body + bytes) .. body
end

-- All of a region's file: the sources themselves cannot be read by a script (a fault of 7.3 to 8.12), so a
-- copy of the region, which nobody else sees, is made as long as they are.
local function whole_file (window)
  local region = ARDOUR.RegionFactory.region_by_id (PBD.ID (window.region))
  assert (not region:isnil (), "the region is no longer in the session")
  local copy = ARDOUR.RegionFactory.clone_region (region, false, false)
  copy:set_locked (false)
  copy:set_start (Temporal.timepos_t (0))
  copy:set_length (Temporal.timecnt_t (window.whole))
  assert (copy:length ():samples () == window.whole, "the region's file could not be opened")
  return copy:to_audioregion ():to_readable ()
end

-- A function (buffers, from, count, channel) that fills the first buffer, for the objects as they are now.
local function reader_of (window)
  if window.region then
    local file = whole_file (window)
    return window.channels, function (shm, from, count, channel)
      return file:read (shm:to_float (0), from, count, channel - 1)
    end
  end
  local track = Session:route_by_id (PBD.ID (window.track)):to_track ()
  assert (not track:isnil (), "the track is no longer there")
  local playlist = track:playlist ():to_audioplaylist ()
  return window.channels, function (shm, from, count, channel)
    local heard = playlist:read (shm:to_float (0), shm:to_float (AT_ONCE), shm:to_float (2 * AT_ONCE),
      Temporal.timepos_t (from), Temporal.timecnt_t (count), channel - 1)
    return heard:samples ()
  end
end

-- Samples of every channel in turns, as the bytes of the file.
local function interleaved (parts, count)
  local channels = #parts
  local mixed = parts[1]
  if channels == 2 then
    local left, right = parts[1], parts[2]
    mixed = {}
    for index = 1, count do
      mixed[2 * index - 1], mixed[2 * index] = left[index], right[index]
    end
  end
  local bytes, last = {}, count * channels
  for at = 1, last - IN_ONE + 1, IN_ONE do
    bytes[#bytes + 1] = FLOATS:pack (table.unpack (mixed, at, at + IN_ONE - 1))
  end
  for at = last - last % IN_ONE + 1, last do bytes[#bytes + 1] = string.pack ("<f", mixed[at]) end
  return table.concat (bytes)
end

-- A file that is begun. Raises an error when it cannot be written.
function wave.begin (path, window)
  local channels = reader_of (window)
  local file = assert (io.open (path, "wb"))
  assert (file:write (header (channels, math.floor (Session:nominal_sample_rate ()), window.count)))
  return { file = file, window = window, done = 0, shm = ARDOUR.DSP.DspShm (3 * AT_ONCE) }
end

-- Goes on for about so many seconds; true when the file is whole. Raises an error when it cannot.
function wave.go_on (writing, seconds)
  local window, shm = writing.window, writing.shm
  local channels, read = reader_of (window)
  local stop = os.clock () + seconds
  while writing.done < window.count do
    local count = math.min (AT_ONCE, window.count - writing.done)
    local parts = {}
    for channel = 1, channels do
      local got = read (shm, window.from + writing.done, count, channel)
      assert (got == count, "the region's file could not be read")
      parts[channel] = shm:to_float (0):get_table (count)
    end
    assert (writing.file:write (interleaved (parts, count)))
    writing.done = writing.done + count
    if os.clock () > stop then return false end
  end
  assert (writing.file:close ())
  return true
end

-- How far it is, 0..1.
function wave.share (writing) return writing.done / math.max (1, writing.window.count) end

return wave
