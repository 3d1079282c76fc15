"""What a face template holds, and its bytes."""
