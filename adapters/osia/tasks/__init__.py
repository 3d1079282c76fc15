"""Requests that are answered by a callback: kept until that is delivered, whatever ends the process."""
