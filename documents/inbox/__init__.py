"""Controle de processos: the work of a unit, BPMN tasks and dossiers, as one list."""
