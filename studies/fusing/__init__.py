"""Other ways to fuse scores, and the shipped fusion model on chimeric people."""
