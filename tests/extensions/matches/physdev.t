-m physdev ! --physdev-is-in;=;! BRIDGE_IN None;
-m physdev --physdev-in eth0 --physdev-is-out --physdev-is-bridged;=;BRIDGE_IN eth0, BRIDGE_OUT None, BRIDGED None;
-m physdev --physdev-is-in --physdev-out eth+;=;BRIDGE_IN None, BRIDGE_OUT eth+;
-m physdev --physdev-is-bridged ! --physdev-out tap+ ! --physdev-is-out --physdev-in +;-m physdev --physdev-in + ! --physdev-is-out ! --physdev-out tap+ --physdev-is-bridged;BRIDGE_IN +, ! BRIDGE_OUT None, ! BRIDGE_OUT tap+, BRIDGED None;
-m physdev;FAIL
-m physdev --physdev-in a-name-too-long1;FAIL
-m physdev --physdev-in "";FAIL
-m physdev --physdev-in eth0 --physdev-in eth1;FAIL
: ipv6 legacy
-m physdev --physdev-out veth1;=
