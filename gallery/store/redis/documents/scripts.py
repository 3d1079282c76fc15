"""The Lua scripts of the documents of a Redis store. Each touches one partition, and happens as a whole."""

from __future__ import annotations

from gallery.store.redis.connections.commands import Script

_FOUND = """
local store, docs, keys = KEYS[1], KEYS[2], KEYS[3]
local prefix, key, expected = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('GET', store)
if not held or string.sub(held, 1, #prefix) ~= prefix then return {'REPLACED', '0'} end
local current = redis.call('HGET', docs, key)
local version = current and string.match(current, '^%d+') or '0'
if version ~= expected then return {'CHANGED', version} end
"""

PUT_DOCUMENT = Script(
    _FOUND
    + """
local new = redis.call('INCR', KEYS[4])
redis.call('HSET', docs, key, string.format('%.0f', new) .. ' ' .. ARGV[4])
redis.call('ZADD', keys, 0, key)
return {'WRITTEN', string.format('%.0f', new)}
"""
)
"""KEYS: store, docs, dockeys, docversion. ARGV: what the store begins with, key, expected version, body."""

DELETE_DOCUMENT = Script(
    _FOUND
    + """
if not current then return {'CHANGED', '0'} end
redis.call('HDEL', docs, key)
redis.call('ZREM', keys, key)
return {'WRITTEN', '0'}
"""
)
"""KEYS: store, docs, dockeys. ARGV: what the store begins with, key, expected version."""

LIST_DOCUMENTS = Script("""
local keys = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
local answer = {}
for i, key in ipairs(keys) do
  answer[2 * i - 1], answer[2 * i] = key, redis.call('HGET', KEYS[1], key)
end
return answer
""")
"""KEYS: docs, dockeys. ARGV: the range of keys, as ZRANGEBYLEX reads it, and how many."""
