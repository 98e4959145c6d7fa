"""What speaks the devices' protocols without the devices, for tests and benchmarks."""
