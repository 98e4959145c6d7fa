"""The gate bridge: a service of its own beside each gate; of the project it imports only ``integrations.faces``."""
