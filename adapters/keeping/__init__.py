"""What adapters keep: a file of their own, and what is in it sealed."""
