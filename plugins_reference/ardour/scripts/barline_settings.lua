ardour {
	["type"] = "EditorAction",
	name = "Barline: Settings",
	category = "Barline",
	license = "MIT",
	author = "Barline",
	description = [[What all actions share: key, steps, crossfade, dialogs.]]
}

function factory () return function ()
	local folder = ARDOUR.user_config_directory (-1) .. "/scripts/barline/"
	local main = loadfile (folder .. "main.lua")
	if main then return main (folder).act ("settings") end
	LuaDialog.Message ("Barline", "The folder " .. folder .. " is missing: install all of Barline's scripts.",
		LuaDialog.MessageType.Error, LuaDialog.ButtonType.Close):run ()
end end
