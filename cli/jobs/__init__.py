"""`biofusion jobs`: long-running jobs."""
