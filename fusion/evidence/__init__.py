"""What each sample says of one subject, and the sum of what all say."""
