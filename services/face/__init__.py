"""The face service: YuNet detects faces, SFace computes an embedding, the cosine compares embeddings."""
