"""What others would use for the same, beside which the row `peers` measures ours."""
