"""Studies of searching: what screening and smaller templates lose."""
