"""One file per row of the table of speeds; each has NAME, REACH and `measure(folder, seconds)`."""
