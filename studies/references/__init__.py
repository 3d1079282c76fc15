"""Studies of several references of one position: how to enrol and compare them."""
