"""What tests share about stores."""
