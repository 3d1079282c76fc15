"""dlib's face network as its file holds it: the numbers read from it, and the layers computed one by one."""
