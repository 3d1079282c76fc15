"""Dot products of embeddings: exact in float32, bounded in int8."""
