"""The page's chapters: figures, tables and the words that say how to read them."""
