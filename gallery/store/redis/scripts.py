"""The Lua scripts of a Redis store, but for those that write (write_scripts.py).

Each touches one partition, and happens completely or not at all.
"""

from __future__ import annotations

from gallery.store.redis.connections.commands import Script

_ID_IS_LATER = """
local function later(a, b)
  local am, an = string.match(a, '(%d+)-(%d+)')
  local bm, bn = string.match(b, '(%d+)-(%d+)')
  am, an, bm, bn = tonumber(am), tonumber(an), tonumber(bm), tonumber(bn)
  return am > bm or (am == bm and an > bn)
end
local function trimmed(feed)
  if redis.call('EXISTS', feed) == 0 then return false end
  local facts, of = redis.call('XINFO', 'STREAM', feed), {}
  for i = 1, #facts, 2 do of[facts[i]] = facts[i + 1] end
  return of['entries-added'] > of['length']
end
local function field(entry, name)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == name then return entry[2][i + 1] end
  end
  return ''
end
"""

KNOWN = Script("""
return {redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]), redis.call('HGET', KEYS[3], 'head')}
""")
"""KEYS: store, request, subject."""

READ = Script("""
local width, encounters, answer = tonumber(ARGV[1]), ARGV[2] == '1', {}
for i = 1, #KEYS, 1 + width do
  local fields = redis.call('HMGET', KEYS[i], 'id', 'head')
  local found = false
  if fields[1] then
    found = {fields[1], fields[2], encounters and redis.call('HGETALL', KEYS[i]) or {}}
    for j = 1, width do found[3 + j] = redis.call('HGETALL', KEYS[i + j]) end
  end
  answer[#answer + 1] = found
end
return answer
""")
"""KEYS: per subject its hash, and the hashes of the modalities read. ARGV: number of modalities, 1 for encounters."""

EXPIRING = Script("""
return redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES', 'LIMIT', ARGV[3], ARGV[4])
""")
"""KEYS: expiries. ARGV: lowest and highest score, offset, most members. A script, as its answer has one form in all
versions of the client."""

FEED = Script(
    _ID_IS_LATER
    + """
local store, feed = KEYS[1], KEYS[2]
local id, limit = ARGV[1], tonumber(ARGV[2])
local mark = ''
if id ~= '0-0' then
  local found = redis.call('XRANGE', feed, id, id)
  if found[1] then mark = field(found[1], 'm') end
end
local oldest = redis.call('XRANGE', feed, '-', '+', 'COUNT', 1)
local entries = {}
if limit > 0 then
  for _, entry in ipairs(redis.call('XRANGE', feed, '(' .. id, '+', 'COUNT', limit)) do
    entries[#entries + 1] = {entry[1], field(entry, 'k'), field(entry, 'n'), field(entry, 'm')}
  end
end
return {redis.call('GET', store), mark, trimmed(feed) and 1 or 0, oldest[1] and oldest[1][1] or '', entries}
"""
)
"""KEYS: store, feed. ARGV: an entry id, and how many entries after it are read."""

RENEW = Script("""
local held = redis.call('GET', KEYS[1])
local prefix, old, new = unpack(ARGV)
if held ~= prefix .. old then return 0 end
redis.call('SET', KEYS[1], prefix .. new)
local rest = string.match(redis.call('GET', KEYS[2]) or '', '^%x+ (.+)$')
redis.call('SET', KEYS[2], new .. ' ' .. (rest or '00000000 0-0'))
return 1
""")
"""KEYS: store, tail. ARGV: what the store begins with, the epoch that ends, the new epoch."""

SNAPSHOT = Script(
    _ID_IS_LATER
    + """
local store, feed, erased, snapshots = unpack(KEYS)
local identity, id, mark, packed = unpack(ARGV)
if redis.call('GET', store) ~= identity then return 0 end
if id == '0-0' then
  if trimmed(feed) then return 0 end
else
  local found = redis.call('XRANGE', feed, id, id)
  if not found[1] or field(found[1], 'm') ~= mark then return 0 end
end
local last = redis.call('GET', erased)
if last and later(last, id) then return 0 end
redis.call('LPUSH', snapshots, packed)
return 1
"""
)
"""KEYS: store, feed, erased, snapshots. ARGV: value of the store key, entry id and mark, the packed row."""

DROP = Script("""
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[2]) end
return 1
""")
"""KEYS: snapshots, slots. ARGV: the packed row, the name of its key."""

DESTROY = Script("""
redis.call('DEL', KEYS[1])
for i = 1, #KEYS - 1 do
  for offset in string.gmatch(ARGV[2 + i], '%d+') do
    if redis.call('EXISTS', KEYS[1 + i]) == 1 then redis.call('SETRANGE', KEYS[1 + i], offset, ARGV[2]) end
  end
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
""")
"""KEYS: rewriting, pages. ARGV: mark of the rewrite, zeros, per page the offsets that are overwritten.

It begins with DEL, as a server whose memory is full refuses a script only until its first write: keys are destroyed
there too."""

REPLACE = Script("""
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
""")
"""KEYS: a string. ARGV: its expected value, its new value."""

DELETE_IF = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
""")
"""KEYS: a string. ARGV: the value with which it is removed."""
