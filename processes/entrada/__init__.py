"""The process of an entry: a gate event becomes an entry, a task of the attendant or of the Gpol, or a refusal.

Deliberação da Mesa da ALMG 2.716/2019, arts. 1º to 3º, 10 and 11.
"""
