"""A console that runs, people who use it, and a server of pictures."""
