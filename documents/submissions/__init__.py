"""Forms that arrive twice: the second arrival of the same submission finds what became of the first."""
