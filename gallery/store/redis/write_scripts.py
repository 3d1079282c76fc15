"""The Lua scripts that write to a Redis store. Each touches one partition, and happens completely or not at all."""

from __future__ import annotations

from gallery.store.redis.connections.commands import Script

WRITE = Script("""
local store, request, subject, feed, tail, ids, galleries, slots, snapshots, erased = unpack(KEYS, 1, 10)
local prefix, content, ttl_ms, expected, head, kind, name, mark, length, id, more = unpack(ARGV, 1, 11)
local at = 11
local function next_list(width)
  local list, count = {}, tonumber(ARGV[at + 1])
  for i = 1, count * width do list[i] = ARGV[at + 1 + i] end
  at = at + 1 + count * width
  return list
end
local held = redis.call('GET', store)
if not held or string.sub(held, 1, #prefix) ~= prefix then return {'REPLACED'} end
local epoch = string.sub(held, #prefix + 1)
local done = redis.call('GET', request)
if done then
  redis.call('PEXPIRE', request, ttl_ms)
  return {'DONE', epoch, done}
end
local expiries, leaving, bar = KEYS[#KEYS - 2], KEYS[#KEYS - 1], KEYS[#KEYS]
if more == '1' and redis.call('EXISTS', bar) == 1 then return {'BARRED'} end
local current = redis.call('HGET', subject, 'head') or ''
if current ~= expected then return {'CHANGED', current} end
local joined, left, encounters, references, keys = next_list(1), next_list(1), next_list(2), next_list(3), next_list(1)
local facts, changed, activity, expiring = {}, {}, {}, {}
if more == '1' then
  facts, changed, activity, expiring = next_list(2), next_list(2), next_list(2), next_list(2)
end
local anew, moves = facts[1] == '1' or head == '', facts[2]
if not anew then
  for i = 1, #encounters, 2 do
    if redis.call('HEXISTS', subject, 'e' .. encounters[i]) == 1 then return {'TAKEN'} end
  end
end
if anew then
  for _, each in ipairs(redis.call('HKEYS', subject)) do
    if string.sub(each, 1, 1) == 'e' then
      redis.call('HDEL', subject, each)
      redis.call('ZREM', expiries, id .. ' ' .. string.sub(each, 2))
    end
  end
  redis.call('DEL', KEYS[11], KEYS[12], KEYS[13])
  for _, packed in ipairs(redis.call('LRANGE', snapshots, 0, -1)) do
    redis.call('RPUSH', slots, string.sub(packed, 2, 1 + string.byte(packed, 1)))
  end
  redis.call('DEL', snapshots)
end
if head == '' then
  redis.call('DEL', subject)
  redis.call('ZREM', ids, id)
else
  redis.call('HSET', subject, 'id', id, 'head', head)
  if expected == '' then redis.call('ZADD', ids, 0, id) end
  for i = 1, #encounters, 2 do redis.call('HSET', subject, 'e' .. encounters[i], encounters[i + 1]) end
  for i = 1, #references, 3 do
    redis.call('HSET', KEYS[10 + references[i]], references[i + 1], references[i + 2])
  end
  for i = 1, #changed, 2 do redis.call('HSET', subject, 'e' .. changed[i], changed[i + 1]) end
  for i = 1, #activity, 2 do
    for j = 11, 13 do
      local sealed = redis.call('HGET', KEYS[j], activity[i])
      if sealed then redis.call('HSET', KEYS[j], activity[i], activity[i + 1] .. string.sub(sealed, 2)) end
    end
  end
  for i = 1, #expiring, 2 do
    local member = id .. ' ' .. expiring[i]
    if expiring[i + 1] == '' then redis.call('ZREM', expiries, member)
    else redis.call('ZADD', expiries, expiring[i + 1], member) end
  end
end
if moves == '1' then redis.call('SADD', leaving, id)
elseif moves == '0' or head == '' then redis.call('SREM', leaving, id) end
for i, gallery in ipairs(joined) do
  redis.call('ZADD', KEYS[13 + i], 0, id)
  redis.call('SADD', galleries, gallery)
end
for i = 1, #left do redis.call('ZREM', KEYS[13 + #joined + i], id) end
for _, slot in ipairs(keys) do redis.call('RPUSH', slots, slot) end
local entry = redis.call('XADD', feed, 'MAXLEN', '~', length, '*', 'k', kind, 'n', name, 'm', mark)
if anew then redis.call('SET', erased, entry) end
redis.call('SET', tail, epoch .. ' ' .. mark .. ' ' .. entry)
local receipt = content .. mark .. entry
redis.call('SET', request, receipt, 'PX', ttl_ms)
return {'WRITTEN', epoch, receipt}
""")
"""KEYS: store, request, subject, feed, tail, ids, galleries, slots, snapshots, erased, references of each modality,
galleries joined, galleries left, and, unless the write only adds: expiries, leaving, the receipt that bars it.
ARGV: see writes.py."""

_TEXT_BEGINS = """
local store, request, tail, texts, model = unpack(KEYS)
local prefix, content, ttl_ms, text, id = unpack(ARGV)
local held = redis.call('GET', store)
if not held or string.sub(held, 1, #prefix) ~= prefix then return {'REPLACED'} end
local epoch = string.sub(held, #prefix + 1)
local done = redis.call('GET', request)
if done then
  redis.call('PEXPIRE', request, ttl_ms)
  return {'DONE', epoch, done}
end
"""
_TEXT_ENDS = """
local mark, entry = string.match(redis.call('GET', tail), '^%x+ (%x+) (.+)$')
local receipt = content .. mark .. entry
redis.call('SET', request, receipt, 'PX', ttl_ms)
return {'WRITTEN', epoch, receipt}
"""

MODEL = Script(
    _TEXT_BEGINS
    + """
if text == '' then
  if redis.call('DEL', model) == 0 then return {'CHANGED', ''} end
  redis.call('ZREM', texts, id)
else
  redis.call('SET', model, text)
  redis.call('ZADD', texts, 0, id)
end
"""
    + _TEXT_ENDS
)
"""KEYS: store, request, tail, models, model. ARGV: what the store begins with, hash of the content, milliseconds for
which the receipt is kept, the text ("" removes it), the id."""

ALIAS = Script(
    _TEXT_BEGINS
    + """
if text == '' then
  if redis.call('HDEL', texts, id) == 0 then return {'CHANGED', ''} end
else
  redis.call('HSET', texts, id, text)
end
"""
    + _TEXT_ENDS
)
"""KEYS: store, request, tail, aliases. ARGV: as MODEL, with the alias as id, and the gallery as text."""
