-m rpfilter;=;REVERSE_PATH -m rpfilter;
-m rpfilter --loose --validmark --accept-local --invert;=;! REVERSE_PATH -m rpfilter --loose --validmark --accept-local;
-m rpfilter --invert --loose;-m rpfilter --loose --invert;! REVERSE_PATH -m rpfilter --loose;
-m rpfilter --accept-local --validmark;-m rpfilter --validmark --accept-local;REVERSE_PATH -m rpfilter --validmark --accept-local;
-m rpfilter --loose --loose;FAIL
: ipv6 legacy
-m rpfilter --validmark;=
