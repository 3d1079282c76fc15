"""Jobs on the machines of a Ray cluster, if a setting asks for it; the only chapter of fusion that imports Ray."""
