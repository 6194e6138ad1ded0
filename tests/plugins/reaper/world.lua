-- What REAPER holds: projects with tracks, items, takes, markers and ext data; an undo stack of copies; files on the
-- disk as they were saved. Undo and opening make every object anew, so that pointers kept by a script go dead.

local tempo = ...

local world = { projects = {}, disk = {}, ext = {}, guids = 0, current = nil, undo_restores_ext = false }

-- ---------------------------------------------------------------- objects

function world.guid()
  world.guids = world.guids + 1
  return ("{%08X-0000-4000-8000-%012X}"):format(world.guids * 2654435761 % 2 ^ 32 // 1, world.guids)
end

local function fresh_state()
  local map = tempo.build({ { qn = 0, bpm = 120, num = 4, den = 4 } })
  return { tracks = {}, ext = {}, markers = {}, notes = "", tempo = map, has_tempo_markers = false,
    time = { first = 0, last = 0 }, cursor = 0 }
end

function world.new_project(path)
  local project = { kind = "project", path = path or "", state = fresh_state(), undo = {}, redo = {}, depth = 0,
    rate = 48000, use_rate = true, dirty = false, changes = 0 }
  world.projects[#world.projects + 1] = project
  world.current = world.current or project
  return project
end

-- The project that an argument means: 0 and nil are the one that is shown.
function world.project(given)
  if given == nil or given == 0 then return world.current end
  return given
end

function world.new_track(project, index, name)
  local track = { kind = "track", project = project, guid = world.guid(), name = name or "", items = {}, razor = "",
    is_selected = false, values = {}, lyrics = "" }
  table.insert(project.state.tracks, index, track)
  return track
end

function world.new_item(track, first, length)
  local item = { kind = "item", track = track, guid = world.guid(), takes = {}, active = 0, notes = "", ext = {},
    is_selected = false, values = { D_POSITION = first or 0.0, D_LENGTH = length or 0.0, B_LOOPSRC = 1,
      C_BEATATTACHMODE = -1, D_FADEINLEN = 0.01, D_FADEOUTLEN = 0.01 } }
  track.items[#track.items + 1] = item
  return item
end

function world.new_take(item)
  local take = { kind = "take", item = item, guid = world.guid(), name = "", ext = {}, effects = {}, markers = {},
    stretch_markers = 0, is_midi = false, values = { D_STARTOFFS = 0.0, D_PLAYRATE = 1.0, D_PITCH = 0.0, D_VOL = 1.0,
      D_PAN = 0.0, D_PANLAW = -1.0, B_PPITCH = 1.0, I_CHANMODE = 0, I_PITCHMODE = -1 } }
  item.takes[#item.takes + 1] = take
  if #item.takes == 1 then item.active = 1 end
  return take
end

function world.items(project)
  local list = {}
  for _, track in ipairs(project.state.tracks) do
    table.move(track.items, 1, #track.items, #list + 1, list)
  end
  return list
end

-- ---------------------------------------------------------------- copies

local function copy(value, known)
  if type(value) ~= "table" then return value end
  if known[value] then return known[value] end
  local twin = {}
  known[value] = twin
  for key, part in pairs(value) do twin[copy(key, known)] = copy(part, known) end
  return twin
end

local function copy_state(project)
  return copy(project.state, { [project] = project })
end

local function kill(value, seen)
  if type(value) ~= "table" or seen[value] then return end
  seen[value] = true
  if value.kind and value.kind ~= "project" and value.kind ~= "source" then value.dead = true end
  for _, part in pairs(value) do kill(part, seen) end
end

local function replace_state(project, state)
  kill(project.state, { [project] = true })
  project.state = state
  project.changes = project.changes + 1
end

-- ---------------------------------------------------------------- undo

-- Does something as one undo step, as REAPER's own actions do.
function world.step(project, name, change)
  local before = copy_state(project)
  change()
  project.undo[#project.undo + 1] = { name = name, state = before }
  project.redo = {}
  project.changes = project.changes + 1
  project.dirty = true
end

function world.begin_block(project)
  project.depth = project.depth + 1
  if project.depth == 1 then project.before = copy_state(project) end
end

function world.end_block(project, name)
  if project.depth == 0 then error("Undo_EndBlock2 without Undo_BeginBlock2", 3) end
  project.depth = project.depth - 1
  if project.depth == 0 then
    project.undo[#project.undo + 1] = { name = name, state = project.before }
    project.redo, project.before, project.dirty = {}, nil, true
    project.changes = project.changes + 1
  end
end

local function travel(project, from, to)
  local entry = table.remove(from)
  if not entry then return 0 end
  to[#to + 1] = { name = entry.name, state = copy_state(project) }
  local ext = project.state.ext
  replace_state(project, entry.state)
  if not world.undo_restores_ext then project.state.ext = ext end
  return 1
end

function world.undo(project) return travel(project, project.undo, project.redo) end
function world.redo(project) return travel(project, project.redo, project.undo) end

-- ---------------------------------------------------------------- saving

-- What a project file can hold: one line, and not all three kinds of quotes.
local function check_saved(text)
  if text:find("[\r\n%z]") then error("a project file has no place for line ends in ext data: " .. text, 0) end
  if text:find('"', 1, true) and text:find("'", 1, true) and text:find("`", 1, true) then
    error("a project file cannot quote this ext data: " .. text, 0)
  end
end

local function check_state(state)
  for _, values in pairs(state.ext) do
    for _, text in pairs(values) do check_saved(text) end
  end
  for _, track in ipairs(state.tracks) do
    for _, item in ipairs(track.items) do
      for _, take in ipairs(item.takes) do
        for _, text in pairs(take.ext) do check_saved(text) end
      end
    end
  end
end

function world.save(project, path)
  check_state(project.state)
  project.path, project.dirty = path or project.path, false
  world.disk[project.path] = copy_state(project)
end

-- Opens a saved project in the tab of `project`, whose pointer stays the same.
function world.open(project, path)
  replace_state(project, fresh_state())
  project.path, project.undo, project.redo = path, {}, {}
  if world.disk[path] then
    local holder = { state = world.disk[path] }
    project.state = copy(holder.state, {})
    for _, track in ipairs(project.state.tracks) do track.project = project end
  end
end

function world.close(project)
  replace_state(project, fresh_state())
  project.dead = true
  for index, other in ipairs(world.projects) do
    if other == project then table.remove(world.projects, index) end
  end
  if world.current == project then world.current = world.projects[1] or world.new_project() end
end

return world
