"""The face service: YuNet finds faces, SFace describes one, cosine compares two."""
