"""The page's chapters: figures, tables and the text that explains them."""
