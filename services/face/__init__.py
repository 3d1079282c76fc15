"""The face service: YuNet detects faces, SFace and dlib's network compute embeddings, the cosine compares them."""
