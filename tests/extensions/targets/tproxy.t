-j TPROXY --on-port 9040 --on-ip 127.0.0.1 --tproxy-mark 0x10/0xf0;=
-j TPROXY --on-port 0;-j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0
-j TPROXY --tproxy-mark 3 --on-port https;-j TPROXY --on-port 443 --on-ip 0.0.0.0 --tproxy-mark 0x3/0xffffffff
# this port alone is decimal, whatever it begins with
-j TPROXY --on-port 0099 --on-ip 10.9.8.7;-j TPROXY --on-port 99 --on-ip 10.9.8.7 --tproxy-mark 0x0/0x0
-j TPROXY --on-port 65536;FAIL
-j TPROXY --on-port 0x50;FAIL
-j TPROXY --on-port 80:90;FAIL
-j TPROXY --on-ip 10.9.8.7;FAIL
: ipv6 legacy
-j TPROXY --on-port 9040;-j TPROXY --on-port 9040 --on-ip :: --tproxy-mark 0x0/0x0
-j TPROXY --on-port 9040 --on-ip FD00::A;-j TPROXY --on-port 9040 --on-ip fd00::a --tproxy-mark 0x0/0x0
