"""What brings hazardwatch and the servers it uses onto machines. No part of the program itself."""
