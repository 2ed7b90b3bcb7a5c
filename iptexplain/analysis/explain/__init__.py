"""Rules in words: the sentence on each rule, what each chain is for, and in which order a packet meets them."""
