"""Studies of fusion: other methods, missing scores, and the shipped model on chimeric people."""
