"""The declaração de comparecimento: one case per person and day (Deliberação da Mesa da ALMG 2.716/2019, art. 9º)."""
