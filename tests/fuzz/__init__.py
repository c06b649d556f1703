"""Coverage-guided fuzzing, run by hand for long and by a test for seconds."""
