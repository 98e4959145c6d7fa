"""The roles that exist; access.ACTIONS says what each may do."""

ROLES: dict[str, str] = {
    "identificacao": "Identificação (GRPC)",
    "gpol": "Polícia Legislativa (Gpol)",
    "seguranca": "Segurança (Dpol)",
    "cac": "Centro de Atendimento ao Cidadão",
    "gabinete": "Gabinete parlamentar",
    "servidor": "Processo eletrônico",
    "chefia": "Chefia da unidade",
    "protocolo": "Protocolo",
    "gestor": "Gestão de processos",
    "admin": "Administração do sistema",
    "cidadao": "Cidadão",
    "externo": "Usuário externo",
}
STAFF_ROLES = frozenset(ROLES) - {"cidadao", "externo"}
DOSSIER_ROLES = frozenset({"servidor", "chefia", "protocolo", "gestor", "admin", "cac", "gpol", "gabinete"})
"""Who works the electronic process in their unit."""
