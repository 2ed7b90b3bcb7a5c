-m hashlimit --hashlimit-upto 30/min --hashlimit-burst 9 --hashlimit-mode srcip,srcport,dstip,dstport --hashlimit-name web;=;;the limit of 30/min of web in line ? is not exceeded
-m hashlimit --hashlimit-name web --hashlimit 30/minute;-m hashlimit --hashlimit-upto 30/min --hashlimit-burst 5 --hashlimit-name web;;the limit of 30/min of web in line ? is not exceeded
-m hashlimit ! --hashlimit 7 --hashlimit-name x;-m hashlimit --hashlimit-above 7/sec --hashlimit-burst 5 --hashlimit-name x;;not: the limit of 7/sec of x in line ? is not exceeded
-m hashlimit ! --hashlimit-above 7/s --hashlimit-name x;-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-name x;;the limit of 7/sec of x in line ? is not exceeded
-m hashlimit --hashlimit-upto 7/s --hashlimit-mode dstport|srcip, --hashlimit-name x;-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-mode srcip,dstport --hashlimit-name x;;the limit of 7/sec of x in line ? is not exceeded
-m hashlimit --hashlimit-upto 7/s --hashlimit-mode "" --hashlimit-name x;-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-name x;;the limit of 7/sec of x in line ? is not exceeded
-m hashlimit --hashlimit-upto 7/s --hashlimit-burst 0x2k --hashlimit-name x;-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 2048 --hashlimit-name x;;the limit of 7/sec of x in line ? is not exceeded
-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 12 --hashlimit-name x --hashlimit-htable-size 64 --hashlimit-htable-max 128 --hashlimit-htable-gcinterval 250 --hashlimit-htable-expire 4000 --hashlimit-srcmask 24 --hashlimit-dstmask 0;=;;the limit of 7/sec of x in line ? is not exceeded
-m hashlimit --hashlimit-upto 7/s --hashlimit-burst 12 --hashlimit-name x --hashlimit-htable-size 0 --hashlimit-htable-max 0 --hashlimit-htable-gcinterval 1000 --hashlimit-htable-expire 1000 --hashlimit-srcmask 32 --hashlimit-dstmask 0x20;-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 12 --hashlimit-name x;;the limit of 7/sec of x in line ? is not exceeded
-m hashlimit --hashlimit-upto 7/s --hashlimit-name x --hashlimit-srcmask 255.255.0.0;-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-srcmask 16;;the limit of 7/sec of x in line ? is not exceeded
# what is printed is another time than the one asked for, so that the time to forget has to be printed
-m hashlimit --hashlimit-above 48/day --hashlimit-name x;-m hashlimit --hashlimit-above 2/hour --hashlimit-burst 5 --hashlimit-name x --hashlimit-htable-expire 86400000;;not: the limit of 2/hour of x in line ? is not exceeded
# bytes
-m hashlimit --hashlimit-above 20kb/s --hashlimit-name x;=;;not: the limit of 20kb/s of x in line ? is not exceeded
-m hashlimit --hashlimit-above 20kb/s --hashlimit-burst 50kb --hashlimit-name x;-m hashlimit --hashlimit-above 20kb/s --hashlimit-burst 60kb --hashlimit-name x;;not: the limit of 20kb/s of x in line ? is not exceeded
-m hashlimit --hashlimit-above 3mb/s --hashlimit-burst 8m --hashlimit-name x --hashlimit-htable-expire 60000;-m hashlimit --hashlimit-above 3mb/s --hashlimit-burst 9mb --hashlimit-name x;;not: the limit of 3mb/s of x in line ? is not exceeded
-m hashlimit --hashlimit-above 3mb/s --hashlimit-name x --hashlimit-htable-expire 15000;-m hashlimit --hashlimit-above 3mb/s --hashlimit-name x;;not: the limit of 3mb/s of x in line ? is not exceeded
-m hashlimit --hashlimit-above 200b/s --hashlimit-burst 200 --hashlimit-name x --hashlimit-htable-expire 15000;-m hashlimit --hashlimit-above 192b/s --hashlimit-burst 384b --hashlimit-name x --hashlimit-htable-expire 15000;;not: the limit of 192b/s of x in line ? is not exceeded
-m hashlimit --hashlimit-above 6000mb/s --hashlimit-name x;-m hashlimit --hashlimit-above 6871947648b/s --hashlimit-name x;;not: the limit of 6871947648b/s of x in line ? is not exceeded
# less than 16 bytes: iptables prints what it does not read
-m hashlimit --hashlimit-above 9b/s --hashlimit-name x;-m hashlimit --hashlimit-above 0b/s --hashlimit-name x;;not: the limit of 0b/s of x in line ? is not exceeded
-m hashlimit --hashlimit-above 9b/s --hashlimit-burst 9 --hashlimit-name x;FAIL
# without counting
-m hashlimit --hashlimit-above 9/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-rate-match;=;;not: the limit of 9/sec of x in line ? is not exceeded
-m hashlimit --hashlimit-above 9/min --hashlimit-name x --hashlimit-rate-match;-m hashlimit --hashlimit-above 9/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-htable-expire 60000 --hashlimit-rate-match --hashlimit-rate-interval 60;;not: the limit of 9/min of x in line ? is not exceeded
-m hashlimit --hashlimit-above 9kb/s --hashlimit-name x --hashlimit-rate-match --hashlimit-rate-interval 4;=;;not: the limit of 9kb/s of x in line ? is not exceeded
-m hashlimit --hashlimit-above 9kb/s --hashlimit-name x --hashlimit-rate-interval 4;-m hashlimit --hashlimit-above 9kb/s --hashlimit-name x;;not: the limit of 9kb/s of x in line ? is not exceeded
-m hashlimit --hashlimit-upto 7/s;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-name "";FAIL
-m hashlimit --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-above 9/s --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 7/week --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 1000001/s --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 0kb/s --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 68719476735b/s --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-burst 1000001 --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-burst 2m --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-burst 18446744073709551615m --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 20kb/s --hashlimit-burst 10kb --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-mode none --hashlimit-name x;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-name x --hashlimit-srcmask 255.0.255.0;FAIL
-m hashlimit --hashlimit-upto 7/s --hashlimit-name x --hashlimit-rate-interval 0;FAIL
: ipv6 nft
-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-srcmask 32 --hashlimit-dstmask 128;-m hashlimit --hashlimit-upto 7/sec --hashlimit-burst 5 --hashlimit-name x --hashlimit-srcmask 32
