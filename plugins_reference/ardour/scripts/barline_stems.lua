ardour {
	["type"] = "EditorAction",
	name = "Barline: Stems",
	category = "Barline",
	license = "MIT",
	author = "Barline",
	description = [[Parts the selected sound into stems, each on a new track that bears its name.]]
}

function factory () return function ()
	local folder = ARDOUR.user_config_directory (-1) .. "/scripts/barline/"
	local main = loadfile (folder .. "main.lua")
	if main then return main (folder).act ("stems") end
	LuaDialog.Message ("Barline", "The folder " .. folder .. " is missing: install all of Barline's scripts.",
		LuaDialog.MessageType.Error, LuaDialog.ButtonType.Close):run ()
end end
