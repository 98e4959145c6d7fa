"""The documents and the queries of rules/sei-adesao-contas-rules.md, section 8, as its table has them."""

from __future__ import annotations

DOCUMENTS = {
    "D1": "Projeto de lei sobre saúde pública",
    "D2": "Reunião especial da comissão de saúde",
    "D3": "Meio ambiente: reunião da comissão especial",
    "D4": "Comissões permanentes e serviço público",
    "D5": "Servidores: auxílio-moradia e legislação",
    "D6": "Informe do Legislativo sobre comissões e saúde",
    "D7": "Informo despesa com locação de veículos",
    "D8": "Ambiente de trabalho: informes e serviços",
}

QUERIES: tuple[tuple[int, str, str], ...] = (
    (1, "projeto && saúde", "D1"),
    (2, "projeto&&saúde", "D1"),
    (3, '"reunião especial"', "D2"),
    (4, "reunião especial", "D2 D3"),
    (5, "reunião && especial", "D2 D3"),
    (6, "meio ambiente saúde", "D1 D2 D3 D6 D8"),
    (7, "meio ambiente && saúde", "D3"),
    (8, "meio && ambiente saúde", "D1 D2 D3 D6"),
    (9, "comissões - saúde", "D4"),
    (10, "comissões -saúde", "D4"),
    (11, "comissões- saúde", "D1 D2 D4 D6"),
    (12, "serv*", "D4 D5 D8"),
    (13, "serv* -público", "D5 D8"),
    (14, "serv* - serviç*", "D5"),
    (15, "legis*", "D5 D6"),
    (16, "inform?", "D6 D7"),
    (17, "inform??", "D8"),
    (18, "inform*", "D6 D7 D8"),
    (19, "comiss?o", "D2 D3"),
    (20, "comiss*", "D2 D3 D4 D6"),
    (21, "p?blic?", "D1 D4"),
    (22, "SAUDE", "D1 D2 D6"),
    (23, "auxílio-moradia", "D5"),
    (24, "auxílio - moradia", ""),
    (25, "auxílio moradia", "D5"),
    (26, '"meio ambiente" -comissão', ""),
    (27, 'saúde - "comissão de saúde"', "D1 D6"),
    (28, "saúde && -especial", "D1 D6"),
    (29, "especial - meio - locação", "D2"),
    (30, '"comissão de saúde"', "D2"),
    (31, '"serv*"', ""),
    (32, '"reunião especial', "D2"),
    (33, "&& saúde", "D1 D2 D6"),
    (34, "saúde && (comissões projeto)", "D1 D6"),
    (37, "", "D1 D2 D3 D4 D5 D6 D7 D8"),
)
REFUSED: tuple[tuple[int, str], ...] = ((35, "-saúde"), (36, "*ambiente"), (36, "?nforme"))
MORE: tuple[tuple[str, str], ...] = (
    ("comissões – saúde", "D4"),  # noqa: RUF001 - (f)
    ("auxílio–moradia", "D5"),  # noqa: RUF001 - (f)
    ("auxílio-mor*", "D5"),
    ("saúde && && pública", "D1"),
    ("saúde &&", "D1 D2 D6"),
    ("saúde&&-especial", "D1 D6"),
    ("s*", "D1 D2 D4 D5 D6 D8"),
    ("a?b*t?", "D3 D8"),
    ("comi* && -e*", ""),
    ("-comissões saúde", "D1 D2"),
    ("“reunião especial”", "D2"),
    ("( && )", "D1 D2 D3 D4 D5 D6 D7 D8"),
    ('"de trabalho" "de lei"', "D1 D8"),
    ("de - da", "D1 D7 D8"),
    ("informe*", "D6 D8"),
    ("co* - sa*", "D3 D4 D7"),
    ("au* && m*", "D5"),
    ("auxílio-m*", "D5"),
    ("e*", "D2 D3 D4 D5 D6 D8"),
)
"""Other queries: the index must agree with the reference matcher on them too."""
