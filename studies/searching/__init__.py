"""What screening and smaller templates lose."""
