"""`biofusion audit …`: what is done with an audit log, without a server."""
