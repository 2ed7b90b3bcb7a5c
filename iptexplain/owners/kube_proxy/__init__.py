"""kube-proxy in iptables mode: its chain names, its comments, its layouts."""
