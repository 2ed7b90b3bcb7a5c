: ipv6 nft
-j SNPT --src-pfx fd12:3400::/32 --dst-pfx 2001:db8::/48;=
-j SNPT --dst-pfx 2001:DB8:0::/48 --src-pfx fd12::/ffff:ffff::;-j SNPT --src-pfx fd12::/32 --dst-pfx 2001:db8::/48
-j SNPT --src-pfx fd12:3400::/64;FAIL
-j SNPT --src-pfx fd12:3400::/65 --dst-pfx 2001:db8::/48;FAIL
-j SNPT --src-pfx fd12:3400::1/64 --dst-pfx 2001:db8::/48;FAIL
-j SNPT --src-pfx fd12:3400:: --dst-pfx 2001:db8::/48;FAIL
-j SNPT --src-pfx 10.2.0.0/16 --dst-pfx 10.3.0.0/16;FAIL
