"""The fault table: one running park of real processes and servers, faults one after another, what came of each."""
