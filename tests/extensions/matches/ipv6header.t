: ipv6 nft
-m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol --soft;=
-m ipv6header --soft ! --header prot,none,50,auth;-m ipv6header ! --header ah,esp,ipv6-nonxt,protocol --soft
-m ipv6header --header frag,route,dst,,0;-m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag
-m ipv6header --header IPv6-Frag,hopopt;-m ipv6header --header hop-by-hop,ipv6-frag
-m ipv6header --header udp;FAIL
-m ipv6header --header Frag;FAIL
-m ipv6header --header "";FAIL
-m ipv6header --soft;FAIL
