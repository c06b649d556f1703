"""Findings and commands -> alarms -> notifications -> channels."""
