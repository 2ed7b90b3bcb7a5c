: ipv6 nft
-m eui64;=
: ipv4 nft
-m eui64;=
