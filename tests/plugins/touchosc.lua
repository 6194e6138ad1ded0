-- barline.touchosc.lua with stand-ins for TouchOSC's own functions. Prints what is sent and shown, fields by tabs.
local controls = {}
for name, text in pairs({ song = "/music/a song.wav", tempo = "120", meter = "4/4", first = "17", ["end"] = "21",
  caption = "brass, stabs", status = "" }) do
  controls[name] = { values = { text = text } }
end
controls.strength = { values = { x = 0.5 } }
controls.progress = { values = { x = 0 } }
root = {
  findByName = function(_, name, recursive)
    assert(recursive and controls[name], name)
    return controls[name]
  end,
}
function sendOSC(...)
  local words = { "SENT", ... }
  for i = 1, #words do
    words[i] = tostring(words[i])
  end
  print(table.concat(words, "\t"))
end
local function deliver(path, ...)
  local arguments = {}
  for _, value in ipairs({ ... }) do
    arguments[#arguments + 1] = { tag = type(value) == "number" and "i" or "s", value = value }
  end
  assert(onReceiveOSC({ path, arguments }, {}) == true)
  print("SHOWN\t" .. controls.status.values.text)
end

dofile(arg[1])
init()
onReceiveNotify("repaint") -- too early
deliver("/done", "deck-hello-1", "hello", "version", "1", "fresh", "k3f9")
onReceiveNotify("project")
onReceiveNotify("repaint")
deliver("/accepted", "k3f9-job-4", "repaint", 0)
deliver("/progress", "k3f9-job-4", "denoise", 3, 8)
print("PROGRESS\t" .. controls.progress.values.x)
onReceiveNotify("cancel")
deliver("/cancelled", "k3f9-job-4", "repaint")
deliver("/done", "k3f9-job-4", "repaint", "take", "/takes/a.wav", "start_bar", "17|1|0")
deliver("/fail", "k3f9-job-9", "repaint", "no-file", "source", "source is not there")
assert(onReceiveOSC({ "/engine", {} }, {}) == false)
