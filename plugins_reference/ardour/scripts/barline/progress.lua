-- How far a job is, as the name of a range marker above its music: seen, and in nobody's way. Ardour has no
-- window for scripts that leaves the others usable.

local use = ...
local items = use "items"
local progress = {}

local SIGN = "Barline: "

local function each_of_ours (visit)
  for _, location in ipairs (items (Session:locations ():list ())) do
    if location:name ():sub (1, #SIGN) == SIGN and location:is_range_marker () then visit (location) end
  end
end

local function is_at (location, job)
  return location:start ():samples () == job.lo and location:_end ():samples () == job.hi
end

-- Shows a text for a job.
function progress.show (job, text)
  if not job.hi or job.shown == text then return end
  job.shown = text
  local name, found = SIGN .. job.title .. ": " .. text, false
  each_of_ours (function (location)
    if is_at (location, job) then location:set_name (name) found = true end
  end)
  if found then return end
  Session:locations ():add_range (Temporal.timepos_t (job.lo), Temporal.timepos_t (job.hi)):set_name (name)
end

-- Takes away a job's marker; without a job, all that an earlier run of Ardour left.
function progress.hide (job)
  local ours = {}
  each_of_ours (function (location)
    if not job or is_at (location, job) then ours[#ours + 1] = location end
  end)
  for _, location in ipairs (ours) do Session:locations ():remove (location) end
end

return progress
