-j REJECT --reject-with icmp-port-unreachable;=;Reject icmp-port-unreachable
-j REJECT --reject-with tcp-reset;=;Reject tcp-reset
-j REJECT --reject-with net-unreach;-j REJECT --reject-with icmp-net-unreachable;Reject icmp-net-unreachable
-j REJECT --reject-with HOST-P;-j REJECT --reject-with icmp-host-prohibited;Reject icmp-host-prohibited
-j REJECT --reject-with tcp-rst;-j REJECT --reject-with tcp-reset;Reject tcp-reset
-j REJECT --reject-with port-unreach;-j REJECT --reject-with icmp-port-unreachable;Reject port-unreach
-j REJECT --reject-with adm;-j REJECT --reject-with icmp-admin-prohibited;Reject adm
-j REJECT --reject-with unreachable;FAIL
: ipv4 legacy
-j REJECT;-j REJECT --reject-with icmp-port-unreachable
: ipv6 nft
-j REJECT;-j REJECT --reject-with icmp6-port-unreachable
-j REJECT --reject-with port-unreach;-j REJECT --reject-with icmp6-port-unreachable
-j REJECT --reject-with adm;-j REJECT --reject-with icmp6-adm-prohibited
-j REJECT --reject-with icmp6-policy-fail;=
-j REJECT --reject-with Reject;-j REJECT --reject-with icmp6-reject-route
