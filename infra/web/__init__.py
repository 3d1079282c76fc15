"""Serves HTTP, by uvicorn, for the processes that speak it."""
