"""What tests share about what is installed, and earlier versions of it."""
