"""The electronic process, clause by clause, and the tests that drive each in a real Chromium, against the real servers.

A clause counts only where the test does it through the page and asserts what came of it. `test_coverage.py` holds that every
test named here exists. What must not go wrong (`SAFE`) is proved by any real test, with a browser or without.
"""

from __future__ import annotations

BULK = "journeys/test_controle_bulk.py::test_many_items_at_once_and_each_act_undone"
KEYS = "journeys/test_controle.py::test_the_list_is_worked_with_the_keyboard_and_new_work_appears"
DAY = "journeys/test_processo.py::test_a_day_of_a_processo_in_two_units"
FIGURE = "journeys/test_processo.py::test_the_plan_as_a_figure_and_the_whole_as_a_pdf"
PATHS = "journeys/test_processo_paths.py::test_levels_units_and_everything_the_processo_is_tied_to"
PLAN = "journeys/test_plan.py::test_the_diagrams_tasks_are_the_plan_of_work"
WRITTEN = "journeys/test_documentos.py::test_a_document_is_written_kept_signed_and_its_block_comes_back"
HOSTILE = "journeys/test_documentos.py::test_hostile_text_does_nothing_in_the_browser"
SIGNED = "journeys/test_documents_signed.py::test_signed_by_several_locked_checked_and_cancelled"
SEARCH = "journeys/test_search.py::test_the_queries_of_the_rules_filters_totals_and_kept_searches"
RESULTS = "webapp/test_pesquisa.py::test_search_in_the_browser"
EXTERNAL = "journeys/test_externals.py::test_from_the_termo_to_the_receipt_and_the_end_of_the_days"
OUTSIDER = "webapp/test_externo.py::test_an_external_user_by_browser"
IDENTITY = "journeys/test_identity.py::test_from_the_directory_to_the_second_factor_the_unit_and_a_substitute"
DIRECTORY = "journeys/test_identity.py::test_starttls_a_wrong_certificate_the_directory_down_and_a_substitute_at_work"
OFICIO = "journeys/test_oficios.py::test_an_oficio_from_the_draft_to_the_answer"
POST = "journeys/test_oficios_mail.py::test_what_the_post_does_is_followed_and_settled_on_the_pages"
ADMIN = "journeys/test_administration.py::test_every_screen_creates_refuses_changes_and_takes_out_of_use"
EDITOR = "webapp/test_administracao.py::test_every_page_looks_right"
PUBLISHED = "webapp/test_publicacoes.py::test_every_page_looks_right"
REPUBLISHED = "journeys/test_published.py::test_a_publication_is_changed_cancelled_repeated_and_left_without_effect"
CREDENTIAL = "journeys/test_published.py::test_a_sigiloso_is_there_only_for_who_holds_a_credential"

DRIVEN: dict[str, tuple[str, ...]] = {
    # 1. sign in
    "LDAP over ldaps; groups map to units and roles": (IDENTITY, DIRECTORY),
    "LDAP over StartTLS; a wrong certificate; the directory down; local accounts go on": (DIRECTORY,),
    "TOTP: enrolment with QR, second step, recovery code": (IDENTITY,),
    "choose the unit": (IDENTITY, DIRECTORY),
    "substitute a colleague: appoint, act in the place of, end": (IDENTITY, DIRECTORY),
    # 2. Controle de processos
    "tasks and processos in one list": (KEYS, BULK),
    "received and generated; filters; sorting; grouping; counts": (BULK,),
    "saved views, one of them opens first": (BULK,),
    "overdue and due today first": (BULK,),
    "markers, notes, unread, priority, each with undo where it has one": (BULK,),
    "claim, release, assign, conclude, reopen, send: in bulk, with undo": (BULK,),
    "keyboard throughout: j k Enter x c e a m n u z / ? g i Ctrl+K Esc": (KEYS, BULK),
    "new work appears without reloading; a new block is told": (KEYS,),
    # 3. Processo
    "number in the Sei!MG form; type; specification; interested parties": (DAY, PATHS, ADMIN),
    "access level with legal hypothesis; a restricted document raises the whole": (DAY, PATHS),
    "a sigiloso exists only for who holds a credential": (CREDENTIAL,),
    "tree of documents, by keyboard and on a telephone": (DAY,),
    "andamento, short and complete; manual entries": (DAY, PATHS),
    "send to several units, keep open, return by date, extended, given back": (DAY, PATHS),
    "conclude, reopen, programmed reopening": (PATHS,),
    "relate, undo; attach for good, undone by the administration alone": (PATHS,),
    "sobrestar with a reason, resume": (PATHS,),
    "ciência, asked once more, of a processo and of a document": (PATHS, SIGNED),
    "special watch, in a group": (PATHS, BULK),
    "deadlines in business and in calendar days, one and in bulk": (DAY, BULK, ADMIN),
    "comments on the processo and on a document": (DAY, SIGNED),
    "markers, notes and priority are the unit's own": (PATHS,),
    "ZIP of chosen documents; one PDF of the whole": (PATHS, FIGURE),
    # 4. Documents
    "editor: headings, table, variables, standard text, keyboard": (WRITTEN,),
    "a model and its variables": (WRITTEN, EDITOR),
    "versions compared and restored": (WRITTEN,),
    "two people editing one document; no connection; a lost session": (WRITTEN,),
    "upload: nato-digital, digitised with conferência, several at once, refused": (WRITTEN, SIGNED),
    "authentication by the protocolo": (SIGNED,),
    "forms": (SIGNED,),
    "signature by password and cargo; several signers": (WRITTEN, SIGNED),
    "PAdES with a person's own certificate": (SIGNED,),
    "block offered to another unit, signed there in one go, given back": (WRITTEN,),
    "locked once another unit saw it; cancelled with a reason; deleted unseen": (SIGNED,),
    "conferência by code and by link, by anybody; the QR is shown": (SIGNED,),
    "publication: schedule, change, cancel; rectify, republish, leave without effect": (PUBLISHED, REPUBLISHED),
    # 5. Search
    "the query language, each query of the rules typed": (SEARCH,),
    "inside PDF text, at once after the upload; a text at once after saving": (SEARCH,),
    "by number, unit, type, person, date": (SEARCH,),
    "highlighted; Mostrando N resultado(s). without reloading; saved searches": (SEARCH, RESULTS),
    "public search of público processos": (RESULTS,),
    # 6. External users
    "account with the termo, confirmed by e-mail": (IDENTITY, EXTERNAL),
    "access for a number of days to read, sign, add; e-mail with link; taken back; runs out": (EXTERNAL, OUTSIDER),
    "a petition arrives in the inbox of the unit, with a receipt": (EXTERNAL, OUTSIDER),
    # 7. Diagram
    "the diagram's tasks are the plan of work; what is missing in one sentence; the figure": (PLAN, FIGURE),
    "free tramitação beside it, forbidden and allowed by the type": (PLAN,),
    # Ofícios
    "draft from the seed, câmaras by list, review, approve, sign, number": (OFICIO,),
    "e-mail with annex; 451 then 250; refused; delayed; a doubt decided": (OFICIO, POST),
    "bounces and replies by IMAP; triage": (POST,),
    "the câmara by link: read, confirm, stamp, forward to vereadores, answer with a document": (OFICIO,),
    "the câmara by its own account; the stamp on every sheet": (POST,),
    "stamp in paper; post; dispensed answer; reminder": (POST,),
    "dashboard with map, by itself up to date; report, closing, spreadsheet": (OFICIO, POST),
    # Administrators
    "units, masks of numbers, hypotheses, types, models, standard texts, vehicles": (ADMIN, EDITOR),
    "users: create, roles, block, provisional password; calendar; acts": (ADMIN,),
}

SAFE: dict[str, tuple[str, ...]] = {
    "matrix route × role × level × relation, from the URL map": (
        "webapp/test_access_matrix.py::test_matrix_route_by_role", "webapp/test_access_matrix.py::test_every_route_declares_its_access_rule",
        "webapp/test_dossier_matrix.py::test_matrix_of_somebody_who_works_processos", "webapp/test_dossier_matrix.py::test_every_route_about_a_dossier_can_be_filled_in",
    ),
    "sigiloso answers 404": ("webapp/test_dossier_matrix.py::test_a_secret_processo_answers_as_one_that_is_not_there",),
    "stored HTML that tries script, style, SVG, remote images": (HOSTILE, "documents/texts/test_sanitising.py::test_nothing_of_an_attack_is_left"),
    "LDAP injection": (DIRECTORY, "people/test_directory.py::test_injection_and_empty_passwords_are_wrong_like_any_other"),
    "LDAP down, wrong certificates": (DIRECTORY, "people/test_directory.py::test_the_directory_down_or_with_a_wrong_certificate_stops_nobody_who_is_local"),
    "a template that tries to read files or loop for ever": ("documents/texts/test_merge.py::test_a_model_that_tries_to_read_files_or_loop_for_ever_is_only_text",),
    "20 signatures at once take 20 consecutive numbers": (
        "documents/signatures/test_signing.py::test_OF3_twenty_signatures_at_once_take_twenty_consecutive_numbers",
        "processes/oficio_camaras/test_flow.py::test_OF3_20_parallel_signatures_take_20_consecutive_numbers",
    ),
    "two people editing one document": (WRITTEN, "documents/texts/test_versions.py::test_ten_people_saving_at_once_lose_nothing"),
    "a person who loses a role keeps nothing": (DIRECTORY, "webapp/test_dossier_matrix.py::test_who_loses_the_role_keeps_nothing"),
    "signed bytes changed on disk are reported": ("documents/signatures/test_verification.py::test_signed_bytes_changed_on_disk_are_reported",),
    "SMTP that refuses, delays, answers 451 and then 250": (POST, "processes/oficio_camaras/test_correspondence.py::test_EM3_EM4_EM5_EM7_EM8_sending"),
    "merge fields that do not resolve": (
        "documents/signatures/test_signing.py::test_an_open_field_keeps_a_document_from_being_signed", "processes/oficio_camaras/test_letter.py::test_merge_fields_that_do_not_resolve_are_named",
    ),
    "all 38 queries of the rules": (SEARCH, "documents/search/test_queries.py::test_the_queries_of_the_rules", "documents/search/test_queries.py::test_the_refused_queries"),
}  # fmt: skip
