"""One small file per group of verbs: flags in, one call, words out. Heavy imports stay inside the functions."""
