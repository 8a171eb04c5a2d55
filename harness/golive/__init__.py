"""golive proves that a deployment is ready to go live, or shows exactly why it is not.

The architecture in one paragraph: `cli` and `pytest_plugin` turn words into settings and call
`gate`, the only place where the verbs meet. `config` resolves a target file, `catalog` finds
scenarios, checklists and exporters by folder, `planning` says what will run and what cannot,
`running` drives the target through `adapters` and keeps everything in the `ledger`, `judging` turns
the ledger into findings and a verdict, `reporting` composes what a reader is told. `model` holds
the nouns they exchange; catalog files see `api` and nothing else.
"""

from importlib.metadata import version

__version__ = version("golive")
