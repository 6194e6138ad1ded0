ardour {
	["type"] = "EditorAction",
	name = "Barline: Add layer",
	category = "Barline",
	license = "MIT",
	author = "Barline",
	description = [[Makes a layer of one class that fits the selected sound, on a new track.]]
}

function factory () return function ()
	local folder = ARDOUR.user_config_directory (-1) .. "/scripts/barline/"
	local main = loadfile (folder .. "main.lua")
	if main then return main (folder).act ("layer") end
	LuaDialog.Message ("Barline", "The folder " .. folder .. " is missing: install all of Barline's scripts.",
		LuaDialog.MessageType.Error, LuaDialog.ButtonType.Close):run ()
end end
