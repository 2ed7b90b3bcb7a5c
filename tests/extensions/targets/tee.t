-j TEE --gateway 192.0.2.9;=;go on
-j TEE --oif br0 --gateway 192.0.2.9;-j TEE --gateway 192.0.2.9 --oif br0;go on
-j TEE --oif br0;FAIL
-j TEE --gateway 192.0.2.9/32;FAIL
: ipv6 nft
-j TEE --gateway 2001:DB8:0::9;-j TEE --gateway 2001:db8::9
-j TEE --gateway ::ffff:192.0.2.9;=
