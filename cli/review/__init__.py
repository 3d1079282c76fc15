"""`biofusion review`: the review service in a process of its own, and a look at its cases."""
