"""`python -m hazardwatch`."""

from hazardwatch.cli import main

if __name__ == "__main__":  # not in the process that reads a large site file apart
    main()
