"""The ofícios of the Ceac to the 853 câmaras municipais: one number, an exemplar each, dispatch, receipt and reply."""
