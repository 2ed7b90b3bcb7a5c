-m connlimit --connlimit-above 20 --connlimit-mask 28 --connlimit-saddr;=;;not: the connections of the client are 20 or fewer, as line ? counts them
-m connlimit --connlimit-upto 0x14;-m connlimit --connlimit-upto 20 --connlimit-mask 32 --connlimit-saddr;;the connections of the client are 20 or fewer, as line ? counts them
-m connlimit ! --connlimit-above 7 --connlimit-daddr;-m connlimit --connlimit-upto 7 --connlimit-mask 32 --connlimit-daddr;;the connections of the server are 7 or fewer, as line ? counts them
-m connlimit --connlimit-mask 0 ! --connlimit-upto 7;-m connlimit --connlimit-above 7 --connlimit-mask 0 --connlimit-saddr;;not: the connections of the client are 7 or fewer, as line ? counts them
-m connlimit --connlimit-above 7 --connlimit-mask 255.255.240.0;-m connlimit --connlimit-above 7 --connlimit-mask 20 --connlimit-saddr;;not: the connections of the client are 7 or fewer, as line ? counts them
# a mask with holes, or one that is too long, is none
-m connlimit --connlimit-above 7 --connlimit-mask 255.0.0.255;-m connlimit --connlimit-above 7 --connlimit-mask 32 --connlimit-saddr;;not: the connections of the client are 7 or fewer, as line ? counts them
-m connlimit --connlimit-above 7 --connlimit-mask 60;-m connlimit --connlimit-above 7 --connlimit-mask 32 --connlimit-saddr;;not: the connections of the client are 7 or fewer, as line ? counts them
-m connlimit --connlimit-above 7 --connlimit-upto 8;FAIL
-m connlimit --connlimit-above 7 --connlimit-saddr --connlimit-daddr;FAIL
-m connlimit --connlimit-mask 24;FAIL
-m connlimit --connlimit-above many;FAIL
: ipv6 nft
-m connlimit --connlimit-above 20 --connlimit-mask 56;-m connlimit --connlimit-above 20 --connlimit-mask 56 --connlimit-saddr
-m connlimit --connlimit-above 20 --connlimit-mask ffff:ffff:fff0::;-m connlimit --connlimit-above 20 --connlimit-mask 44 --connlimit-saddr
-m connlimit --connlimit-above 20 --connlimit-daddr;-m connlimit --connlimit-above 20 --connlimit-mask 128 --connlimit-daddr
-m connlimit --connlimit-above 7 --connlimit-mask 129;FAIL
: ipv6 legacy
-m connlimit --connlimit-above 20;-m connlimit --connlimit-above 20 --connlimit-mask 128 --connlimit-saddr
