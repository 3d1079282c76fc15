"""What is done with cases: opened, claimed, decided, ended, watched."""
