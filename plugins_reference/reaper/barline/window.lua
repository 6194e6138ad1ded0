-- A small window that tells how jobs stand; REAPER's own gfx. A click on a line's x gives the job up. Closing the
-- window changes nothing for the jobs; something that went wrong opens it again.

local window = {}

local WIDTH, LINE = 460, 44
local DRAW_S = 0.1
local CLOSED, ESCAPE = -1, 27
local LEFT_BUTTON = 1

function window.new()
  return { is_open = false, drawn = -math.huge, is_down = false, rows = 0 }
end

function window.open(view, rows)
  gfx.init("Barline", WIDTH, LINE * math.max(1, rows), 0)
  gfx.setfont(1, "Arial", 15)
  view.is_open, view.rows = true, math.max(1, rows)
end

function window.close(view)
  if view.is_open then gfx.quit() end
  view.is_open = false
end

-- A line: { title, note, fraction (0..1) or nil, is_wrong, can_stop }.
local function draw_line(row, line)
  local top = (row - 1) * LINE
  gfx.set(0.16, 0.16, 0.18, 1)
  gfx.rect(0, top, WIDTH, LINE - 2, 1)
  if line.fraction then
    gfx.set(0.2, 0.45, 0.75, 1)
    gfx.rect(0, top + LINE - 6, math.floor(WIDTH * math.min(1, line.fraction)), 4, 1)
  end
  gfx.set(0.9, 0.9, 0.9, 1)
  gfx.x, gfx.y = 8, top + 4
  gfx.drawstr(line.title)
  if line.is_wrong then gfx.set(1, 0.55, 0.45, 1) else gfx.set(0.7, 0.7, 0.7, 1) end
  gfx.x, gfx.y = 8, top + 20
  gfx.drawstr(line.note)
  gfx.x, gfx.y = WIDTH - 18, top + 4
  gfx.drawstr("x")
end

-- The row whose x was clicked since the last look, or nil.
local function clicked_row(view)
  local is_down = gfx.mouse_cap & LEFT_BUTTON ~= 0
  local is_click = is_down and not view.is_down
  view.is_down = is_down
  if is_click and gfx.mouse_x >= WIDTH - 28 then return gfx.mouse_y // LINE + 1 end
end

-- Shows the lines, now and then. Returns the number of a line whose x was clicked; sets is_open to false when the
-- user closed the window.
function window.show(view, lines, now)
  if not view.is_open then return nil end
  local key = gfx.getchar()
  if key == CLOSED or key == ESCAPE then
    window.close(view)
    return nil
  end
  if #lines > 0 and #lines ~= view.rows then
    gfx.init("", WIDTH, LINE * #lines)
    view.rows = #lines
  end
  if now - view.drawn >= DRAW_S then
    view.drawn = now
    for row, line in ipairs(lines) do draw_line(row, line) end
    gfx.update()
  end
  local row = clicked_row(view)
  return row and math.tointeger(row)
end

return window
