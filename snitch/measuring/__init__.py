"""What is computed from examples, and the only place that knows arrays and tables. Bytes and values in, values out."""
