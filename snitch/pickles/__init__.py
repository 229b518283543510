"""Weights that can run code on being loaded, judged without loading them.

`snitch.pickles.files` judges a weights file, `snitch.pickles.scan` reads a pickle, and `snitch.pickles.allowlist` knows
what a pickle may import.
"""
