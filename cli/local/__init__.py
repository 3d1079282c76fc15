"""The services and their parts in this process."""
