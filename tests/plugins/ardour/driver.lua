ardour { ["type"] = "EditorHook", name = "Barline's test" }

function signals () return LuaSignal.Set ():add ({ [LuaSignal.LuaTimerDS] = true }) end

-- Runs the Lua that the test puts into ~/command.lua and writes what it returns to ~/answer.txt.
function factory ()
	local ticks = 0 -- an Ardour that has just opened its session is not whole yet
	return function ()
		ticks = ticks + 1
		if ticks < 30 then return end
		local home = os.getenv ("HOME")
		local file = io.open (home .. "/command.lua", "r")
		if not file then return end
		local text = file:read ("a")
		file:close ()
		os.remove (home .. "/command.lua")
		local made, why = load (text)
		local fine, answer
		if made then fine, answer = pcall (made) else fine, answer = false, why end
		local out = io.open (home .. "/answer.part", "w")
		out:write (fine and "fine\n" or "fault\n", tostring (answer))
		out:close ()
		os.rename (home .. "/answer.part", home .. "/answer.txt")
	end
end
