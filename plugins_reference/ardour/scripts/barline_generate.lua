ardour {
	["type"] = "EditorAction",
	name = "Barline: Generate",
	category = "Barline",
	license = "MIT",
	author = "Barline",
	description = [[Makes new music from words, in the selected range or from the playhead on.]]
}

function factory () return function ()
	local folder = ARDOUR.user_config_directory (-1) .. "/scripts/barline/"
	local main = loadfile (folder .. "main.lua")
	if main then return main (folder).act ("generate") end
	LuaDialog.Message ("Barline", "The folder " .. folder .. " is missing: install all of Barline's scripts.",
		LuaDialog.MessageType.Error, LuaDialog.ButtonType.Close):run ()
end end
