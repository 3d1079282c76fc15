"""Studies of images spoiled in known ways: which are refused, and which still match."""
