-m rpfilter;=
-m rpfilter --loose --validmark --accept-local --invert;=
-m rpfilter --invert --loose;-m rpfilter --loose --invert
-m rpfilter --accept-local --validmark;-m rpfilter --validmark --accept-local
-m rpfilter --loose --loose;FAIL
: ipv6 legacy
-m rpfilter --validmark;=
