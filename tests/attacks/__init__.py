"""What somebody who means harm sends: each must be refused, or cost no more than it is worth."""
