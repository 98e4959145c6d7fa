"""The events of this part and their sentences. They hold ids, enums and numbers, never personal data."""

from __future__ import annotations

from workflow.history import register_kinds

SENTENCES: dict[str, str] = {
    "cadastro_completado": "O cadastro do Portal foi completado com nome e CPF, ainda não comprovado.",
    "cadastro_conferido": "O atendimento reconheceu uma pessoa já cadastrada.",
    "cadastro_sem_documento_autorizado": "A Gpol autorizou um cadastro sem documento (art. 3º, § 6º).",
    "cadastro_sem_documento_negado": "A Gpol não autorizou um cadastro sem documento (art. 3º, § 6º).",
    "cadastro_sem_documento_pedido": "O atendimento pediu à Gpol um cadastro sem documento (art. 3º, § 6º).",
    "comprovacao_desfeita": "A comprovação de um CPF foi desfeita no CAC: a conta já não está associada à pessoa.",
    "conta_aberta": "Uma conta foi aberta no Portal, à espera de confirmação.",
    "conta_confirmada": "O cadastro no Portal foi confirmado pelo e-mail.",
    "conta_de_servidor_criada": "Uma conta de servidor foi criada.",
    "conta_desativada": "Uma conta foi desativada.",
    "conta_do_diretorio_criada": "Uma conta de servidor foi criada a partir do diretório da Assembleia.",
    "conta_eliminada": "Uma conta foi eliminada a pedido do titular.",
    "conta_externa_aberta": "Uma conta de usuário externo foi aberta, à espera de confirmação.",
    "conta_externa_confirmada": "Uma conta de usuário externo foi confirmada, com o termo de concordância e veracidade.",
    "conta_reativada": "Uma conta foi reativada.",
    "cpf_acrescentado": "O CPF foi acrescentado ao cadastro, à vista do documento.",
    "cpf_comprovado": "O CPF foi comprovado no CAC, à vista do documento, e associado à conta.",
    "declaracao_recusada": "Uma tentativa de emitir ou abrir declaração foi recusada (art. 9º, § 2º).",
    "lotacao_criada": "Uma conta recebeu um perfil em uma unidade.",
    "lotacao_encerrada": "O perfil de uma conta em uma unidade foi encerrado.",
    "lotacao_revogada": "O perfil de uma conta em uma unidade foi revogado.",
    "menor_descartado": "Um cadastro foi descartado porque a pessoa é menor de idade; nada foi guardado.",
    "mensagem_recusada": "O servidor de correio recusou definitivamente uma mensagem.",
    "nome_corrigido": "O nome de uma pessoa foi corrigido, à vista do documento.",
    "orgao_criado": "Um órgão foi criado.",
    "pessoa_cadastrada": "Uma pessoa foi cadastrada.",
    "pessoa_eliminada": "Os dados de uma pessoa foram eliminados.",
    "rosto_expirado": "O rosto de uma pessoa foi eliminado depois de 24 meses sem visita.",
    "segundo_fator_ativado": "A verificação em duas etapas de uma conta foi ativada.",
    "segundo_fator_codigos": "Os códigos de recuperação de uma conta foram refeitos.",
    "segundo_fator_recuperado": "Uma pessoa entrou com um código de recuperação.",
    "segundo_fator_removido": "A verificação em duas etapas de uma conta foi removida.",
    "senha_alterada": "A senha da conta foi alterada.",
    "senha_provisoria": "A administração deu uma senha provisória a uma conta de servidor.",
    "senha_redefinida": "A senha da conta foi redefinida por e-mail.",
    "sessao_aberta": "Uma pessoa entrou no sistema.",
    "sessao_encerrada": "Uma pessoa saiu do sistema.",
    "sessoes_revogadas": "As sessões de uma conta foram encerradas.",
    "substituicao_assumida": "Uma pessoa passou a atuar como substituta.",
    "substituicao_designada": "Uma substituição foi designada.",
    "substituicao_encerrada": "Uma substituição foi encerrada.",
    "unidade_alterada": "Os dados de uma unidade foram alterados.",
    "unidade_criada": "Uma unidade foi criada.",
}

register_kinds(SENTENCES)
