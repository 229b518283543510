"""The least that each kind of work costs without Snitch: scripts, each run by an interpreter of its own."""
