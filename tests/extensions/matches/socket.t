-m socket;=
-m socket --transparent --nowildcard --restore-skmark;=
-m socket --restore-skmark --transparent;-m socket --transparent --restore-skmark
-m socket --nowildcard --nowildcard;FAIL
: ipv6 legacy
-m socket --nowildcard;=
