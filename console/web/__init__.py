"""What all pages share: the door, who visits, forms, words and templates."""
