"""What flows and how: the model, records, the log, admission, the site. Knows none of the other packages."""
