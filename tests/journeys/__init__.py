"""The journeys of people through the whole system, in a real Chromium."""
