-s 10.0.0.0/8;=;SOURCE 10.0.0.0/8;
-s 10.0.0.1;-s 10.0.0.1/32;SOURCE 10.0.0.1/32;
! -s 10.0.0.0/255.255.0.255 -d fd00::1/128;=;! SOURCE 10.0.0.0/255.255.0.255, DESTINATION fd00::1/128;
-i eth0 ! -o veth+ -p tcp;=;IN eth0, OUT veth+ !, PROTOCOL tcp;
! -i eth0 ! -p udp;=;! IN eth0, ! PROTOCOL udp;
-f;=;FRAGMENT None;
! -f;=;! FRAGMENT None;
