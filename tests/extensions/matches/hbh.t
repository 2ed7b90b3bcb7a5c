: ipv6 nft
-m hbh;=
-m hbh --hbh-len 0x18;-m hbh --hbh-len 24
-m hbh ! --hbh-len 0;=
-m hbh --hbh-opts 3,201:6 ! --hbh-len 16;-m hbh ! --hbh-len 16 --hbh-opts 3,201:6
# eight bits are kept, and 255 stands for any length
-m hbh --hbh-opts 0x5:0,258:260;-m hbh --hbh-opts 5:0,2:4
-m hbh --hbh-opts 6:255;-m hbh --hbh-opts 6
-m hbh --hbh-opts 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1;=
-m hbh --hbh-opts 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1;FAIL
-m hbh --hbh-opts 6:;FAIL
-m hbh --hbh-opts 6,,7;FAIL
-m hbh --hbh-opts 6:7:8;FAIL
-m hbh --hbh-len 4294967296;FAIL
