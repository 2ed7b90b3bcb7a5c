"""What a node or a cluster tells beside the dump: sets of ipset, virtual services of IPVS, names of Services."""
