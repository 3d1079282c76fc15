"""`biofusion gallery …`: what is done to a whole store, without a server."""
