"""MOSIP's ABIS interface: requests by a queue (STOMP), samples from a data share, answers by another queue."""
