"""Image records of ISO/IEC 19794-4 (fingers), -5 (faces) and -6 (irises), editions 2005 and 2011."""
