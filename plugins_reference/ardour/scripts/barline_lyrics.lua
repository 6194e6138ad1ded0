ardour {
	["type"] = "EditorAction",
	name = "Barline: Lyrics",
	category = "Barline",
	license = "MIT",
	author = "Barline",
	description = [[Finds out when known words are sung in the selection, and marks every line.]]
}

function factory () return function ()
	local folder = ARDOUR.user_config_directory (-1) .. "/scripts/barline/"
	local main = loadfile (folder .. "main.lua")
	if main then return main (folder).act ("lyrics") end
	LuaDialog.Message ("Barline", "The folder " .. folder .. " is missing: install all of Barline's scripts.",
		LuaDialog.MessageType.Error, LuaDialog.ButtonType.Close):run ()
end end
