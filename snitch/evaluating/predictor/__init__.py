"""A model's answers to examples, by the interpreter that has the model's libraries: runs apart from Snitch.

Copied to where the model is run, and run there, so of Snitch it imports nothing, and it understands Python 3.9.
"""
