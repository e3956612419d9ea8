-- GET /users/{id} with random ids of 1 to N.   wrk ... -s by_id.lua URL -- N SEED
-- The requests are made beforehand, since wrk shares the cores with the server it measures.
require("common")

local N_READY = 8192
local ready, at = {}, 0

function init(args)
    math.randomseed(tonumber(args[2]))
    for i = 1, N_READY do
        ready[i] = wrk.format("GET", "/users/" .. math.random(tonumber(args[1])))
    end
end

function request()
    at = at % N_READY + 1
    return ready[at]
end
