"""Numbers that are given once, without gaps, and never again: processos, documents, ofícios, receipts."""
