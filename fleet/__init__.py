"""The wiring: settings, addresses, the processes and what keeps them alive. Nothing imports it."""
