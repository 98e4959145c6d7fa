"""Search over everything one may see, in the query language of the Prestação de Contas page."""
