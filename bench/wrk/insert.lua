-- POST /users/ with an e-mail never used before.   wrk ... -s insert.lua URL -- RUN
-- RUN is a word that no other run on this database had. Everything but one number of fixed width is made beforehand.
require("common")

local n_threads = 0
function setup(thread)
    n_threads = n_threads + 1
    thread:set("thread_number", n_threads)
end

local before, between, after, n = "", "", "", 0

function init(args)
    local who = string.format("%s%d", args[1], thread_number)
    wrk.headers["Content-Type"] = "application/json"
    local body = string.format('{"name":"User %s-%%08d","email":"user.%s.%%08d@example.com","age":42}', who, who)
    local made = wrk.format("POST", "/users/", nil, string.format(body, 11111111, 22222222))
    local first, second = made:find("11111111", 1, true), made:find("22222222", 1, true)
    before, between, after = made:sub(1, first - 1), made:sub(first + 8, second - 1), made:sub(second + 8)
end

function request()
    n = n + 1
    local number = string.format("%08d", n)
    return before .. number .. between .. number .. after
end
