"""`biofusion policy …`: checks a policy's file, and explains what it says to a call; no server is needed."""
