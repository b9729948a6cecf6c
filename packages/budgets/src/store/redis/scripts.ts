/**
 * What happens in Redis: one script per admission, one per settlement. Redis runs a script alone, so that a decision and
 * what it holds are one step for all processes; expiry goes by Redis's clock.
 *
 * Keys, all in one slot of a cluster by their `{prefix}`:
 *
 *     {tokenmeter}:id            names the key space; a new name means that it was emptied
 *     {tokenmeter}:keys          set of accounts
 *     {tokenmeter}:edges         hash of claims
 *     {tokenmeter}:a:<account>   hash: `<slot>` quantity · `<slot>:<status>` calls · `held` quantity · `r<slot>` restored
 *     {tokenmeter}:h:<account>   sorted set of holds: `<call>|<quantity>`, by when they expire
 *     {tokenmeter}:c:<call>      exists when the call was settled, for an hour
 *
 * Quantities are whole (nano-USD, tokens, calls): a Lua number is a double, exact up to 2^53.
 */

/** Sweeps what has expired, then says what stands. ARGV of all: proposed id, then their own. KEYS[1] is the id's. */
const COMMON = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local id = redis.call('GET', KEYS[1])
local function int(n) return string.format('%.0f', n) end
local function sweep(account, holds)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', holds, '-inf', now)) do
    redis.call('ZREM', holds, member)
    redis.call('HINCRBY', account, 'held', '-' .. string.match(member, '|(%d+)$'))
  end
end
`;

/**
 * KEYS: id, then account and holds of each. ARGV: proposed id, call, milliseconds a hold lasts, the id that is expected or
 * '', then for each account: first live slot, amount, quantity to hold (0: it only checks what is spent), when its keys may
 * go. Returns now, id, the index of the first account that refuses or 0, then the hash of each account. Holds for all or
 * none. Where the id is another one, what is there says too little: it decides nothing, and the index is -1.
 */
export const ADMIT: string = `${COMMON}
if ARGV[4] ~= '' and ARGV[4] ~= id then return {now, id, -1} end
local refused = 0
local answer = {now, id, 0}
for i = 1, (#KEYS - 1) / 2 do
  local account, holds = KEYS[2 * i], KEYS[2 * i + 1]
  local from, amount, asked = tonumber(ARGV[4 * i + 1]), tonumber(ARGV[4 * i + 2]), tonumber(ARGV[4 * i + 3])
  sweep(account, holds)
  local all = redis.call('HGETALL', account)
  local spent, held = 0, 0
  for f = 1, #all, 2 do
    local slot = tonumber(all[f])
    if slot ~= nil and slot >= from then spent = spent + tonumber(all[f + 1]) end
    if all[f] == 'held' then held = tonumber(all[f + 1]) end
  end
  if refused == 0 and ((asked > 0 and spent + held + asked > amount) or (asked == 0 and spent >= amount)) then
    refused = i
  end
  answer[#answer + 1] = all
end
answer[3] = refused
if refused == 0 then
  for i = 1, (#KEYS - 1) / 2 do
    local asked = ARGV[4 * i + 3]
    if asked ~= '0' then
      redis.call('HINCRBY', KEYS[2 * i], 'held', asked)
      redis.call('ZADD', KEYS[2 * i + 1], now + tonumber(ARGV[3]), ARGV[2] .. '|' .. asked)
      redis.call('PEXPIREAT', KEYS[2 * i], ARGV[4 * i + 4])
      redis.call('PEXPIREAT', KEYS[2 * i + 1], ARGV[4 * i + 4])
    end
  end
end
return answer
`;

/**
 * KEYS: id, settled, set of accounts, then account and holds of each. ARGV: proposed id, call, milliseconds that it is
 * remembered, then for each account: slot, first slot that is kept, quantity, status, held, when its keys may go, its name or ''.
 * Counted once, however often it is sent. Returns now, id, then the hash of each account.
 */
export const SETTLE: string = `${COMMON}
local first = redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3])
local answer = {now, id}
for i = 1, (#KEYS - 3) / 2 do
  local account, holds = KEYS[2 * i + 2], KEYS[2 * i + 3]
  local a = 7 * i - 3
  local slot, kept, quantity, status, held, expires, name =
    ARGV[a], tonumber(ARGV[a + 1]), ARGV[a + 2], ARGV[a + 3], ARGV[a + 4], ARGV[a + 5], ARGV[a + 6]
  sweep(account, holds)
  if held ~= '0' and redis.call('ZREM', holds, ARGV[2] .. '|' .. held) == 1 then
    redis.call('HINCRBY', account, 'held', '-' .. held)
  end
  if first and status ~= '' then
    redis.call('HINCRBY', account, slot, quantity)
    redis.call('HINCRBY', account, slot .. ':' .. status, 1)
    if name ~= '' then redis.call('SADD', KEYS[3], name) end
  end
  for _, field in ipairs(redis.call('HKEYS', account)) do
    local number = tonumber(string.match(field, '^r?(%d+)'))
    if number ~= nil and number < kept and number < tonumber(slot) then redis.call('HDEL', account, field) end
  end
  redis.call('PEXPIREAT', account, expires)
  redis.call('PEXPIREAT', holds, expires)
  answer[#answer + 1] = redis.call('HGETALL', account)
end
return answer
`;

/**
 * After the key space was emptied: what a process knew of a slot is added once, whoever knew most. KEYS: id, set of
 * accounts, account. ARGV: proposed id, when its keys may go, its name or '', then for each slot: slot, quantity, and calls
 * of each status.
 */
export const RESTORE: string = `${COMMON}
if ARGV[3] ~= '' then redis.call('SADD', KEYS[2], ARGV[3]) end
for a = 4, #ARGV, 7 do
  local slot, known = ARGV[a], tonumber(ARGV[a + 1])
  local before = tonumber(redis.call('HGET', KEYS[3], 'r' .. slot) or '0')
  if known > before then
    redis.call('HSET', KEYS[3], 'r' .. slot, int(known))
    redis.call('HINCRBY', KEYS[3], slot, int(known - before))
    if before == 0 then
      for s = 1, 5 do redis.call('HINCRBY', KEYS[3], slot .. ':' .. s, ARGV[a + 1 + s]) end
    end
  end
end
redis.call('PEXPIREAT', KEYS[3], ARGV[2])
return {now, id, redis.call('HGETALL', KEYS[3])}
`;

/** KEYS: id, account and holds of each. ARGV: proposed id. Returns now, id, then the hash of each. */
export const READ: string = `${COMMON}
local answer = {now, id}
for i = 1, (#KEYS - 1) / 2 do
  sweep(KEYS[2 * i], KEYS[2 * i + 1])
  answer[#answer + 1] = redis.call('HGETALL', KEYS[2 * i])
end
return answer
`;

/**
 * Makes holds last, and makes those again that are gone while their calls live. KEYS: id, then account, holds and settled of
 * each. ARGV: proposed id, milliseconds a hold lasts, then for each: its member, when its keys may go.
 */
export const RENEW: string = `${COMMON}
for i = 1, (#KEYS - 1) / 3 do
  local account, holds, settled = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  local member, expires = ARGV[2 * i + 1], ARGV[2 * i + 2]
  if redis.call('EXISTS', settled) == 0 then
    if redis.call('ZADD', holds, now + tonumber(ARGV[2]), member) == 1 then
      redis.call('HINCRBY', account, 'held', string.match(member, '|(%d+)$'))
    end
    redis.call('PEXPIREAT', account, expires)
    redis.call('PEXPIREAT', holds, expires)
  end
end
return {now, id}
`;
