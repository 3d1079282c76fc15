"""What an iris template holds, and its bytes."""
