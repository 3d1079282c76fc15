"""Dot products of embeddings: exact in float32, approximate with an error bound in int8."""
