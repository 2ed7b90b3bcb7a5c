: ipv6 nft
-j HL --hl-set 0;=;go on
-j HL --hl-set 0x7f;-j HL --hl-set 127;go on
-j HL --hl-dec 3;=;go on
-j HL --hl-inc 012;-j HL --hl-inc 10;go on
-j HL --hl-set 256;FAIL
-j HL --hl-dec 0;FAIL
-j HL --hl-inc 0;FAIL
-j HL --hl-set 5 --hl-inc 2;FAIL
-j HL;FAIL
