"""Decodes the kinds of JPEG that Pillow does not read: lossless JPEG (ITU-T T.81, process 14) and JPEG-LS (T.87).

ANSI/NIST records hold lossless JPEG, some systems JPEG-LS. `segments` and `density` read what all kinds have in
common; `stated`, `scan` and `lossless` are lossless JPEG, `jpeg_ls` is JPEG-LS, whose coded data CharLS decodes.
"""
