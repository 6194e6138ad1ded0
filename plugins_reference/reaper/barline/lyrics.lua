-- Lyrics: from the user's words to the request's text, and from an LRC file to marks in the project.

local lyrics = {}

-- The lines an LRC tells: { time (s), text }, in order of time. A line with several times is sung at each.
function lyrics.parse(text)
  local lines, offset = {}, 0
  for line in (text:gsub("^\239\187\191", "") .. "\n"):gmatch("([^\r\n]*)\r?\n") do
    local milliseconds = line:match("^%[offset:%s*([+-]?%d+)%s*%]")
    if milliseconds then offset = tonumber(milliseconds) / 1000 end
    local times = {}
    while true do
      local minutes, seconds, rest = line:match("^%[(%d+):(%d+%.?%d*)%](.*)$")
      if not minutes then break end
      times[#times + 1] = tonumber(minutes) * 60 + tonumber(seconds)
      line = rest
    end
    local words = line:gsub("<%d+:%d+%.?%d*>", ""):gsub("^%s+", ""):gsub("%s+$", "")
    for _, time in ipairs(times) do
      lines[#lines + 1] = { time = math.max(0, time - offset), text = words, order = #lines }
    end
  end
  table.sort(lines, function(one, other)
    if one.time ~= other.time then return one.time < other.time end
    return one.order < other.order
  end)
  return lines
end

-- The text to sing for what the user wrote: / ends a line; @notes stands for the item's notes, else the project's.
function lyrics.text(proj, written, item)
  if written ~= "@notes" then return (written:gsub("%s*/%s*", "\n")) end
  local _, notes = false, ""
  if item then _, notes = reaper.GetSetMediaItemInfo_String(item, "P_NOTES", "", false) end
  if notes == "" then notes = reaper.GetSetProjectNotes(proj, false, "") end
  return (notes:gsub("\r\n?", "\n"):gsub("%s+$", ""))
end

-- Every sung line with its end: the next line's start, the last one's the region's.
local function each_line(lines, last)
  local spans = {}
  for index, line in ipairs(lines) do
    local following = lines[index + 1]
    local stop = following and following.time or last
    if line.text ~= "" then
      spans[#spans + 1] = { first = line.time, last = math.max(stop, line.time + 0.05), text = line.text }
    end
  end
  return spans
end

local function add_marker(proj, span)
  reaper.AddProjectMarker2(proj, false, span.first, 0, span.text, -1, 0)
end

local function add_region(proj, span)
  reaper.AddProjectMarker2(proj, true, span.first, span.last, span.text, -1, 0)
end

-- Marks on a take, at the same places in its source.
local function mark_take(take, spans)
  local item = reaper.GetMediaItemTake_Item(take)
  local begin = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
  local offset = reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS")
  local rate = reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
  for _, span in ipairs(spans) do
    reaper.SetTakeMarker(take, -1, span.text, offset + (span.first - begin) * rate, 0)
  end
end

-- A MIDI item with lyric events on a track of its own; `events` is what the daemon wrote for that.
local function write_midi(make_track, first, last, events)
  local track = make_track("Lyrics")
  reaper.CreateNewMIDIItemInProj(track, first, last, false)
  reaper.SetTrackMIDILyrics(track, 2, events)
end

-- Puts lyrics into the project. place: { first, last, take or nil, make_track, events }. Returns how many lines.
function lyrics.put(proj, kind, lines, place)
  local spans = each_line(lines, place.last)
  if kind == "take" and not place.take then kind = "markers" end
  if kind == "midi" and place.events then
    write_midi(place.make_track, place.first, place.last, place.events)
  elseif kind == "take" then
    mark_take(place.take, spans)
  else
    local add = kind == "regions" and add_region or add_marker
    for _, span in ipairs(spans) do add(proj, span) end
  end
  return #spans
end

return lyrics
