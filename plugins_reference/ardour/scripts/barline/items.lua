-- The items of one of Ardour's lists, in a table. A list that nothing holds is freed while it is gone
-- through, and Ardour with it: here the parameter holds it.

return function (list)
  local found = {}
  for item in list:iter () do found[#found + 1] = item end
  return found
end
