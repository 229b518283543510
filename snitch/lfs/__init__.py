"""The Git LFS server as the gate asks it: which objects it has, and their bytes."""
