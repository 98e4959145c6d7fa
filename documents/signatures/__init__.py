"""Electronic signatures of a dossier's documents, and the blocks in which other units sign them."""
