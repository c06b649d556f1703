"""The program: command line, composition, run modes. The only package that knows all the others."""
