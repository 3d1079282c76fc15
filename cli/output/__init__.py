"""Output of the commands: tables, sheets of images, errors."""
