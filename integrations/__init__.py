"""Pure clients of the outside world: plain data in and out; none knows the rest of the project."""
