"""Speed of hazardwatch, each figure beside a floor measured in the same run (benchmarks/README.md)."""
