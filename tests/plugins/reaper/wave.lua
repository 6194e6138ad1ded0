-- WAV files as REAPER would read them: format and samples. Integer PCM of 16 and 24 bits and 32-bit float.

local wave = {}

local function chunks(file)
  local found = {}
  file:seek("set", 12)
  while true do
    local head = file:read(8)
    if not head or #head < 8 then return found end
    local name, size = ("<c4I4"):unpack(head)
    found[name] = { at = file:seek(), size = size }
    file:seek("cur", size + size % 2)
  end
end

-- { rate, channels, frames, bytes (of a sample), is_float, at }; nil where it is no WAV.
function wave.format(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local is_riff = (file:read(12) or ""):find("^RIFF....WAVE")
  local found = is_riff and chunks(file) or {}
  local format, body = found["fmt "], found["data"]
  if not (format and body) then
    file:close()
    return nil
  end
  file:seek("set", format.at)
  local tag, channels, rate, _, block, bits = ("<I2I2I4I4I2I2"):unpack(file:read(16))
  if tag == 0xFFFE then tag = ("<I2"):unpack(file:read(10), 9) end
  file:close()
  return { rate = rate, channels = channels, bytes = bits // 8, is_float = tag == 3, at = body.at,
    frames = body.size // block }
end

local READERS = {
  [2] = function(text, at) return ("<i2"):unpack(text, at) / 2 ^ 15 end,
  [3] = function(text, at) return ("<i3"):unpack(text, at) / 2 ^ 23 end,
}

-- All samples of a file, interleaved.
function wave.samples(path, format)
  local file = assert(io.open(path, "rb"))
  file:seek("set", format.at)
  local text = file:read(format.frames * format.channels * format.bytes) or ""
  file:close()
  local read = format.is_float and function(body, at) return ("<f"):unpack(body, at) + 0.0 end or READERS[format.bytes]
  local samples = {}
  for index = 1, format.frames * format.channels do
    samples[index] = read(text, (index - 1) * format.bytes + 1)
  end
  return samples
end

return wave
