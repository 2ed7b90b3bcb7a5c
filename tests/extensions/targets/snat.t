-j SNAT --to-source 10.0.0.1-10.0.0.5:1024-2048 --random-fully;=;Translate SNAT 10.0.0.1-10.0.0.5:1024-2048 fully=True
-j SNAT --to-source fd00::1 --random --persistent;=;Translate SNAT fd00::1 random=True persistent=True
-j SNAT;=;Opaque SNAT
-j SNAT --to 10.8.0.7:2000 --persistent --random-fully --random;-j SNAT --to-source 10.8.0.7:2000 --random --random-fully --persistent;Translate SNAT 10.8.0.7:2000 random=True fully=True persistent=True
-j SNAT --to-source 10.8.0.7:2000-2009/7;-j SNAT --to-source 10.8.0.7:2000-2009/0;Translate SNAT 10.8.0.7:2000-2009/0
-j SNAT --to-source :snmp;-j SNAT --to-source :161;Translate SNAT :161
-j SNAT --to-source 10.8.0.256;FAIL
: ipv6 nft
-j SNAT --to-source [FD08::7]:0x7d0;-j SNAT --to-source [fd08::7]:2000
