-- Writes what a take or track plays to a WAV of 32-bit float, a little in every tick, through an audio accessor.
--
-- A take is read before its volume and effects; a track with its items' own volume, fades and effects, before the
-- track's. The file appears under its name only when it is whole.

local render = {}

local FRAMES = 4096
local BUDGET_S = 0.008 -- of a tick
local PACK = 256
local FORMAT = "<" .. ("f"):rep(PACK)
local RESTARTS = 3
local HEADER_BYTES = 58
local LARGEST = 2 ^ 32 - 1 - HEADER_BYTES

-- A WAV header for float samples: RIFF, fmt with extension size, fact, data.
local function header(rate, channels, frames)
  local bytes = frames * channels * 4
  return ("<c4I4c4 c4I4I2I2I4I4I2I2I2 c4I4I4 c4I4"):pack("RIFF", HEADER_BYTES - 8 + bytes, "WAVE",
    "fmt ", 18, 3, channels, rate, rate * channels * 4, channels * 4, 32, 0,
    "fact", 4, frames, "data", bytes)
end

-- Begins a render of { track or take, from, frames, channels } at `rate` to `path`. Returns it, or nil and why.
function render.begin(work, rate, path)
  if work.frames * work.channels * 4 > LARGEST then return nil, "the selection is too long for a WAV file" end
  local file, why = io.open(path .. ".part", "wb")
  if not file then return nil, why end
  local accessor = work.take and reaper.CreateTakeAudioAccessor(work.take)
    or reaper.CreateTrackAudioAccessor(work.track)
  file:write(header(rate, work.channels, work.frames))
  -- a take's accessor counts from the item's start, a track's from the project's
  local base = work.take and reaper.GetAudioAccessorStartTime(accessor) or work.from
  return { work = work, rate = rate, path = path, file = file, accessor = accessor, base = base, done = 0,
    restarts = 0, buffer = reaper.new_array(FRAMES * work.channels) }
end

local function packed(samples)
  local pieces, count = {}, #samples
  for first = 1, count, PACK do
    local last = math.min(first + PACK - 1, count)
    local format = last - first + 1 == PACK and FORMAT or "<" .. ("f"):rep(last - first + 1)
    pieces[#pieces + 1] = format:pack(table.unpack(samples, first, last))
  end
  return table.concat(pieces)
end

local function write_block(rendering)
  local work = rendering.work
  local frames = math.min(FRAMES, work.frames - rendering.done)
  rendering.buffer.clear()
  local at = rendering.base + rendering.done / rendering.rate
  local heard = reaper.GetAudioAccessorSamples(rendering.accessor, rendering.rate, work.channels, at, frames,
    rendering.buffer)
  if heard < 0 then return nil, "REAPER could not read the audio" end
  local written, why = rendering.file:write(packed(rendering.buffer.table(1, frames * work.channels)))
  rendering.done = rendering.done + frames
  return written, why
end

-- Starts anew when the audio was edited meanwhile; false when that goes on and on.
local function is_steady(rendering)
  if not reaper.AudioAccessorStateChanged(rendering.accessor) then return true end
  reaper.AudioAccessorValidateState(rendering.accessor)
  rendering.restarts = rendering.restarts + 1
  rendering.done = 0
  rendering.file:seek("set", HEADER_BYTES)
  return rendering.restarts <= RESTARTS
end

-- Ends a render; what is unfinished is deleted.
function render.close(rendering)
  if rendering.accessor then reaper.DestroyAudioAccessor(rendering.accessor) end
  if rendering.file then rendering.file:close() end
  rendering.accessor, rendering.file = nil, nil
  os.remove(rendering.path .. ".part")
end

local function finish(rendering)
  reaper.DestroyAudioAccessor(rendering.accessor)
  local closed, why = rendering.file:close()
  rendering.accessor, rendering.file = nil, nil
  if closed then closed, why = os.rename(rendering.path .. ".part", rendering.path) end
  return closed and "done" or nil, why
end

-- Goes on for one tick: "more", "done", or nil and why it failed.
function render.step(rendering)
  if not is_steady(rendering) then return nil, "the audio kept changing" end
  local until_when = reaper.time_precise() + BUDGET_S
  repeat
    if rendering.done >= rendering.work.frames then return finish(rendering) end
    local written, why = write_block(rendering)
    if not written then return nil, why end
  until reaper.time_precise() > until_when
  return "more"
end

-- How far it is, 0..1.
function render.fraction(rendering)
  return rendering.done / math.max(1, rendering.work.frames)
end

return render
