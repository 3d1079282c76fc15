"""Records of others, made for tests."""
