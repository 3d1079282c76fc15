"""Adapters in threads of this process, and callers of theirs."""
