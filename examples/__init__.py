"""Sites to begin from; no part of the program. A package only so that examples.large can be started and measured."""
