"""Records of each version → `MinutiaeRecord` → `Contents`."""
