"""Known vulnerabilities of packages: which versions they are about, and where a snapshot of them comes from."""
