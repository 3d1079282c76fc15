"""Fusion models in the Redis store."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from gallery.redis_server import Keys, pack_receipt, raw, unpack_receipt
from gallery.rules import fusion_model_not_found, require_same_request
from gallery.store import Receipt


async def write(pipe: Pipeline, keys: Keys, wanted: Receipt, text: str | None, receipt_ttl_ms: int) -> Receipt:
    """Store the model that `wanted` names, delete it where there is no text, or answer from the receipt."""
    model, request = keys("model", wanted.subject_id), keys("request", wanted.request_id)
    await pipe.watch(model, request)
    held, known = await pipe.mget(model, request)
    if known is not None:
        return require_same_request(unpack_receipt(wanted.request_id, raw(known)), wanted.digest)
    if held is None and text is None:
        raise fusion_model_not_found(wanted.subject_id)
    pipe.multi()  # type: ignore[no-untyped-call]  # redis-py has no hint here
    if text is None:
        pipe.delete(model)
        pipe.zrem(keys("models"), wanted.subject_id)
    else:
        pipe.set(model, text)
        pipe.zadd(keys("models"), {wanted.subject_id: 0})
    pipe.set(request, pack_receipt(wanted), px=receipt_ttl_ms)
    await pipe.execute()
    return wanted


async def get(client: Redis, keys: Keys, model_id: str) -> str:
    """The model's text."""
    text = await client.get(keys("model", model_id))
    if text is None:
        raise fusion_model_not_found(model_id)
    return raw(text).decode()


async def page(client: Redis, keys: Keys, after: str, limit: int) -> list[str]:
    """Up to `limit` ids after one, in order."""
    found = await client.zrangebylex(keys("models"), f"({after}" if after else "-", "+", start=0, num=limit)
    return [raw(model_id).decode() for model_id in found]
