"""The dossier (processo): its number, its tree of documents, the units through which it passes, its andamento."""
