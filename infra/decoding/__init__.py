"""Foreign files are decoded here, in processes that can be killed: `guard.py` for the caller, `worker.py` inside."""
