"""What people write beside a dossier: notes, comments, manual entries, ciência, special watch, markers."""
