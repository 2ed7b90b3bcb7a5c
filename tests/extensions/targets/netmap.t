-j NETMAP --to 172.20.0.0/16;=;Translate NETMAP None network=172.20.0.0/16
-j NETMAP --to 172.20.3.4/255.255.0.0;-j NETMAP --to 172.20.0.0/16;Translate NETMAP None network=172.20.0.0/16
-j NETMAP --to 172.20.3.4;-j NETMAP --to 172.20.3.4/32;Translate NETMAP None network=172.20.3.4/32
-j NETMAP --to 172.20.3.4/255.0.255.0;-j NETMAP --to 172.20.3.4/32;Translate NETMAP None network=172.20.3.4/32
-j NETMAP --to 172.20.3.4/0;-j NETMAP --to 0.0.0.0/0;Translate NETMAP None network=0.0.0.0/0
-j NETMAP --to 172.20.3;FAIL
-j NETMAP;FAIL
: ipv6 nft
-j NETMAP --to fd77::5/64;-j NETMAP --to fd77::/64
-j NETMAP --to FD77::5;-j NETMAP --to fd77::5/128
