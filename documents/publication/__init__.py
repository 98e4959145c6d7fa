"""Publications: signed documents of público processos, published on a business day in a vehicle of the house."""
