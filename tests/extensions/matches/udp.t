-m udp --sport 68 --dport 67;=;SOURCE_PORT 68, DESTINATION_PORT 67;
-m udp;=;;
-m udp --source-port ntp ! --destination-port 5000:;-m udp --sport 123 ! --dport 5000:65535;SOURCE_PORT 123, ! DESTINATION_PORT 5000:65535;
-m udp --dport 0:65535;-m udp;DESTINATION_PORT 0:65535;
-m udp ! --dport : --sport :9;-m udp --sport 0:9;! DESTINATION_PORT 0:65535, SOURCE_PORT 0:9;
-m udp ! --dport 0:;;
-m udp --sport 1,2;FAIL
-m udp --sport 70000;FAIL
: ipv6 legacy
-m udp ! --dport 0:;-m udp
