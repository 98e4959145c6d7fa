"""What a dossier's documents say: versions of internal texts, models, standard texts, uploaded files."""
