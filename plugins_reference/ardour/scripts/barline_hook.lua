ardour {
	["type"] = "EditorHook",
	name = "Barline: take results in",
	category = "Barline",
	license = "MIT",
	author = "Barline",
	description = [[Sends what Barline's actions order, and puts the results into the session.]]
}

function signals ()
	return LuaSignal.Set ():add ({ [LuaSignal.LuaTimerDS] = true })
end

function factory ()
	local folder, main = ARDOUR.user_config_directory (-1) .. "/scripts/barline/", nil
	return function ()
		if not main then main = assert (loadfile (folder .. "main.lua")) (folder) end
		main.tick ()
	end
end
