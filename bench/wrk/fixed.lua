-- The same GET again and again: the URL given to wrk.   wrk ... -s fixed.lua URL
require("common")
