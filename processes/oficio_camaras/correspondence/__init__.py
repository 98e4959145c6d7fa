"""What leaves for the câmaras and what comes back: queue, receipts, bounces, replies, reminders."""
