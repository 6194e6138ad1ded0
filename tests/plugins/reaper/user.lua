-- What the person at the stand-in does: makes tracks and items, selects, edits, saves, runs actions.

local world, media, program, tempo, scripts = ...

local user = {}

local function project() return world.current end
user.project = project

function user.track(name)
  local track
  world.step(project(), "insert track", function()
    track = world.new_track(project(), #project().state.tracks + 1, name)
  end)
  return track
end

-- An item that plays a file: options position, offset, length.
function user.import(track, path, options)
  options = options or {}
  local item
  world.step(project(), "import", function()
    local source = media.calls.PCM_Source_CreateFromFile(path)
    local length = source.format.frames / source.format.rate
    local offset = options.offset or 0.0
    item = world.new_item(track, options.position or 0.0, options.length or length - offset)
    local take = world.new_take(item)
    take.source, take.name, take.values.D_STARTOFFS = source, path:match("[^/]*$"), offset
  end)
  return item
end

function user.item(number) return world.items(project())[number] end
function user.take(item) return item.takes[item.active] end

-- Selects one item alone, or nothing.
function user.select(item)
  for _, other in ipairs(world.items(project())) do other.is_selected = other == item end
end

function user.select_track(track)
  for _, other in ipairs(project().state.tracks) do other.is_selected = other == track end
end

function user.time(first, last) project().state.time = { first = first or 0, last = last or 0 } end

function user.razor(track, first, last)
  track.razor = first and ('%.9f %.9f ""'):format(first, last) or ""
end

-- The tempo map: markers { qn, bpm, num, den, ramp }.
function user.tempo(markers)
  project().state.tempo = tempo.build(markers)
  project().state.has_tempo_markers = true
end

function user.run(action, ...)
  program.dialogs = { ... }
  program.run(scripts .. "/barline_" .. action .. ".lua")
  if #program.dialogs > 0 then error(action .. " did not ask all it was to ask") end
end

-- Names and times of everything, for the test to look at.
function user.report()
  local tracks = {}
  for index, track in ipairs(project().state.tracks) do
    local items = {}
    for number, item in ipairs(track.items) do
      local takes = {}
      for place, take in ipairs(item.takes) do
        takes[place] = { name = take.name, guid = take.guid, path = take.source and take.source.path or "",
          offset = take.values.D_STARTOFFS, rate = take.values.D_PLAYRATE, volume = take.values.D_VOL,
          ext = take.ext.barline or "", key = take.ext.barline_job or "", markers = #take.markers,
          effects = #take.effects }
      end
      items[number] = { guid = item.guid, position = item.values.D_POSITION, length = item.values.D_LENGTH,
        attach = item.values.C_BEATATTACHMODE, loop = item.values.B_LOOPSRC, active = item.active, takes = takes }
    end
    tracks[index] = { name = track.name, items = items, lyrics = track.lyrics }
  end
  return { tracks = tracks, markers = project().state.markers, undo = #project().undo,
    last_undo = #project().undo > 0 and project().undo[#project().undo].name or "", jobs = user.waiting(),
    scripts = #program.scripts, errors = program.errors, windows = program.windows(), accessors = media.open_accessors }
end

-- How many jobs a project, or the one that is shown, knows of.
function user.waiting(of)
  local count = 0
  for key in pairs((of or project()).state.ext.barline or {}) do
    if key:find("^job%.") then count = count + 1 end
  end
  return count
end

return user
