"""Reading blocks -> findings. Pure numpy; no input or output of any kind, and nobody's clock."""
