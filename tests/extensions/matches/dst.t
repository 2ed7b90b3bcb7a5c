: ipv6 nft
-m dst;=
-m dst --dst-len 0x18;-m dst --dst-len 24
-m dst ! --dst-len 0;=
-m dst --dst-opts 3,201:6 ! --dst-len 16;-m dst ! --dst-len 16 --dst-opts 3,201:6
# eight bits are kept, and 255 stands for any length
-m dst --dst-opts 0x5:0,258:260;-m dst --dst-opts 5:0,2:4
-m dst --dst-opts 6:255;-m dst --dst-opts 6
-m dst --dst-opts 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1;=
-m dst --dst-opts 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1;FAIL
-m dst --dst-opts 6:;FAIL
-m dst --dst-opts 6,,7;FAIL
-m dst --dst-opts 6:7:8;FAIL
-m dst --dst-len 4294967296;FAIL
