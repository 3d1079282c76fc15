"""What is installed: that it is what was shipped."""
