ardour {
	["type"] = "EditorAction",
	name = "Barline: Repaint",
	category = "Barline",
	license = "MIT",
	author = "Barline",
	description = [[Makes the selected range or region anew; the new take lies on top, the old sound below it.]]
}

function factory () return function ()
	local folder = ARDOUR.user_config_directory (-1) .. "/scripts/barline/"
	local main = loadfile (folder .. "main.lua")
	if main then return main (folder).act ("repaint") end
	LuaDialog.Message ("Barline", "The folder " .. folder .. " is missing: install all of Barline's scripts.",
		LuaDialog.MessageType.Error, LuaDialog.ButtonType.Close):run ()
end end
