"""What `make bench` measures. Every figure is a ratio to a floor of the same run, or a span."""
