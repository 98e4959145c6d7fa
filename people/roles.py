"""The roles that exist; access.ACTIONS says what each may do."""

ROLES: dict[str, str] = {
    "identificacao": "Identificação (GRPC)",
    "gpol": "Polícia Legislativa (Gpol)",
    "seguranca": "Segurança (Dpol)",
    "cac": "Centro de Atendimento ao Cidadão",
    "gabinete": "Gabinete parlamentar",
    "gestor": "Gestão de processos",
    "admin": "Administração do sistema",
    "cidadao": "Cidadão",
}
STAFF_ROLES = frozenset(ROLES) - {"cidadao"}
