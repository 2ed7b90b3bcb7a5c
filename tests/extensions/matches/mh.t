: ipv6 nft
-m mh;=
-m mh --mh-type 2:9;=
-m mh ! --mh-type 0x5;-m mh ! --mh-type 5
-m mh --mh-type HoTi:cot;-m mh --mh-type 1:4
-m mh --mh-type binding-a;-m mh --mh-type 6
-m mh --mh-type home-test;-m mh --mh-type 3
# of several names that begin so, the first
-m mh --mh-type home;-m mh --mh-type 1
-m mh --mh-type :be;-m mh --mh-type 0:7
-m mh --mh-type ba:;-m mh --mh-type 6:255
-m mh ! --mh-type 0:255;-m mh
-m mh --mh-type bu:brr;FAIL
-m mh --mh-type 256;FAIL
-m mh --mh-type 1:2:3;FAIL
-m mh --mh-type care-of-test;FAIL
